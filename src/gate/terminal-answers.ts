// What a terminal sends by itself, which is not what a person types.
//
// 1. An answer may come in pieces, and in one read with keys. Accident: the `q` of somebody who leaves is taken for a part of the answer
//    before it, and they stay attached.

/**
 * What a terminal sends by itself: reports of cursor, device, mode and window, focus, and strings (xterm ctlseqs: CPR, DA, DSR, DECRPM,
 * DECREPTPARM, XTWINOPS, FocusIn/Out, DCS, OSC), and all sequences with a private mark except the mouse's `<`. No key looks like these but
 * Shift-F3, which looks like a cursor report and does not count either.
 */
const answers =
  /\u001b(?:\[[?>=][\d;:]*[ -/]*[@-~]|\[[\d;]*(?:\$y|[cnRtx])|\[[IO]|[P\]][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;
/** The beginning of such an answer. */
const begun = /^\u001b(?:\[[?>=]?[\d;:]*[ -/]*|[P\]][^\u0007\u001b]*\u001b?)$/;
const escape = '\u001b';
const longest = 4096;

/** The text without the answers of the terminal that stand whole in it. */
export function withoutAnswers(text: string): string {
  return text.replace(answers, '');
}

/**
 * Makes a function that tells whether bytes are only answers of the terminal, however these are split into pieces (rule 1). Attack: so
 * many questions at once that their answers do not fit into one read.
 */
export function answerReader(): (bytes: Buffer) => boolean {
  let held = '';
  return (bytes) => {
    const text = held + bytes.toString('latin1');
    const rest = withoutAnswers(text);
    // An ESC alone is a key; after an answer it begins the next answer.
    const goesOn = rest.length <= longest && (begun.test(rest) || (rest === escape && text !== escape));
    held = goesOn ? rest : '';
    return text.startsWith(escape) && (rest === '' || goesOn);
  };
}
