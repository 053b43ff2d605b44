// oxlint has no `no-restricted-syntax`, and forbidding `Date` altogether would forbid formatting a time that was passed in.

const MESSAGE = "domain/ is pure: time is an argument.";

const isDate = (callee) => callee.type === "Identifier" && callee.name === "Date";

/** Reports `new Date()` and `Date()`, which read the clock; `new Date(ms)` does not. */
const noClock = {
  create(context) {
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message: MESSAGE });
      },
      CallExpression(node) {
        if (isDate(node.callee)) context.report({ node, message: MESSAGE });
      },
    };
  },
};

export default { meta: { name: "trunkline" }, rules: { "no-clock": noClock } };
