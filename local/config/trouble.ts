/** The command cannot go on; the message is for the person who ran it. */
export class Trouble extends Error {
  override readonly name = "Trouble";
}
