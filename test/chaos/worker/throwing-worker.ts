/** A deployment that is broken: it throws before it can serve anything. */
throw new Error("this Worker throws at its start");
