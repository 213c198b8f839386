// Keeps the memory of a gate level while its session prints for hours. What each piece of output leaves behind (a request to write, and its
// native part outside V8's heap) is soon old, and V8 collects what is old only after its heap has grown by several megabytes.

/** Pieces of output between two collections: ten to thirty seconds of a session that prints as fast as it can. */
const everyPieces = 10_000;

/**
 * Has V8 collect all garbage after each 10,000 pieces of output. That takes 5 to 10 ms.
 * @param collect V8's own function (`node --expose-gc`); undefined: nothing is done
 * @returns to be called for each piece
 */
export function collectAfterOutput(collect: (() => unknown) | undefined): () => void {
  let left = everyPieces;
  return () => {
    left -= 1;
    if (left > 0) return;
    left = everyPieces;
    collect?.();
  };
}
