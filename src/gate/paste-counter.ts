// Counts what is pasted between the brackets that a terminal sends around it (xterm ctlseqs, "Bracketed Paste Mode").

const edge = /\u001b\[(20[01])~/;

/**
 * Makes a function that takes what was typed, in pieces of any size.
 * @param pasted is told of each paste at its end: its characters, and when it began.
 */
export function pasteCounter(pasted: (characters: number, at: number) => void): (text: string, at: number) => void {
  let paste: { readonly count: number; readonly at: number } | undefined;
  return (text, at) => {
    for (const [n, part] of text.split(edge).entries()) {
      if (n % 2 === 0) paste = paste && { ...paste, count: paste.count + Array.from(part).length };
      else if (part === '200') paste = { count: 0, at };
      else if (paste !== undefined) {
        pasted(paste.count, paste.at);
        paste = undefined;
      }
    }
  };
}
