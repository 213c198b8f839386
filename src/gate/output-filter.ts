// The output filter: which output of a session reaches a person's terminal. tmux filters what panes print, but whoever is in the session
// controls its tmux server: they can let strings through (allow-passthrough, set-clipboard) or write to the client's pty themselves
// (pidfd_getfd(2)).
//
// 1. A list of what may pass, not of what may not: text, control characters, escape and CSI sequences, and of the strings the OSC for
//    titles, colours and links. Attack: OSC 52 puts a command into the clipboard of everybody who views; OSC 1337 and DCS write files,
//    or ask for settings that the terminal answers as if typed, or do what a later version of a terminal adds.
// 2. A sequence or a character passes whole or not at all, however it is split into pieces; a string that never ends holds back only
//    itself. So what the gate writes between two pieces (a title, a bell) never lands within a sequence.
// 3. C1 controls, raw or as UTF-8, do not pass, not even within strings. Attack: a second spelling of a sequence that rule 1 drops.
//    Source: ECMA-48 5.3, 5.6; xterm ctlseqs, "C1 (8-Bit) Control Characters".

const [enq, bel, can, sub, esc, c2] = [0x05, 0x07, 0x18, 0x1a, 0x1b, 0xc2];
/** The longest sequence that passes, in bytes; a link or a title is longest. */
const limit = 4096;

/** The OSC that pass: titles, palette, links, colours of text and cursor, and their resets. */
const osc = /^\u001b\](?:0|1|2|4|8|10|11|12|104|110|111|112)[;\u0007\u001b]/;
/**
 * The CSI that do not pass: reports of the title, which the session chooses and the terminal would answer as if typed; the stack of
 * titles, which the gate uses; printing.
 */
const unwelcome = /^\u001b\[(?:0*2[0-3][;\d]*t|[^@-~]*i)$/;

type State = 'ground' | 'lead' | 'character' | 'escape' | 'csi' | 'osc' | 'string' | 'osc-end' | 'string-end';

/** Takes output and returns the bytes that pass. An incomplete sequence is kept for the next call. */
export type OutputFilter = (bytes: Buffer) => Buffer;

interface Machine {
  readonly utf8: boolean;
  state: State;
  held: number[];
  out: Buffer;
  length: number;
}

/** Makes a filter for one connection. @param utf8 whether the terminal reads UTF-8, where a C1 control has two bytes, elsewhere one */
export function outputFilterFor(utf8: boolean): OutputFilter {
  const machine: Machine = { utf8, state: 'ground', held: [], out: Buffer.alloc(0), length: 0 };
  const special = specialBytes(utf8);
  return (bytes) => {
    machine.out = Buffer.allocUnsafe(machine.held.length + bytes.length + 2);
    machine.length = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (machine.state === 'ground') at = copyText(machine, bytes, at, special);
      const byte = bytes[at];
      if (byte !== undefined) steps[machine.state](machine, byte);
    }
    return machine.out.subarray(0, machine.length);
  };
}

/** A table of the bytes that `ground` does not pass as they are. */
function specialBytes(utf8: boolean): Uint8Array {
  const special = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++)
    special[byte] = Number(byte === esc || byte === enq || (utf8 ? followers(byte) > 0 : isC1(byte)));
  return special;
}

/** Copies text in one piece, up to the next special byte: byte by byte, the relay would slow long listings down. */
function copyText(machine: Machine, bytes: Buffer, from: number, special: Uint8Array): number {
  let to = from;
  for (let next = from; next >= to; next = afterCharacter(bytes, to)) {
    to = next;
    while (special[bytes[to] ?? esc] === 0) to++; // the end of the piece stops it like an ESC
  }
  machine.length += bytes.copy(machine.out, machine.length, from, to);
  return to;
}

/** The index after a whole UTF-8 character of several bytes; -1 where there is none. C2 is left out, since it may begin a C1 control. */
function afterCharacter(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  const more = lead === c2 ? 0 : followers(lead);
  for (let n = 1; n <= more; n++) if (!isFollower(bytes[at + n] ?? 0)) return -1;
  return more === 0 ? -1 : at + more + 1;
}

/** How many bytes follow the first byte of a UTF-8 character (RFC 3629, section 3). */
function followers(lead: number): number {
  if (lead < c2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
}

const isFollower = (byte: number): boolean => byte >= 0x80 && byte <= 0xbf;

const steps: Readonly<Record<State, (machine: Machine, byte: number) => void>> = {
  ground,
  lead,
  character,
  escape,
  csi,
  osc: (machine, byte) => string(machine, byte, 'osc-end'),
  string: (machine, byte) => string(machine, byte, 'string-end'),
  'osc-end': afterString,
  'string-end': afterString,
};

function ground(machine: Machine, byte: number): void {
  if (byte === esc) hold(machine, 'escape', byte);
  else if (machine.utf8 && byte === c2) hold(machine, 'lead', byte);
  else if (machine.utf8 && followers(byte) > 0) hold(machine, 'character', byte);
  else if (byte !== enq && (machine.utf8 || !isC1(byte))) emit(machine, byte);
}

/** After C2, which begins U+0080 to U+00BF. The lower half of these are C1 controls (rule 3). */
function lead(machine: Machine, byte: number): void {
  if (isC1(byte)) return drop(machine);
  if (byte >= 0xa0 && byte <= 0xbf) release(machine);
  else drop(machine);
  ground(machine, byte);
}

/** Within a character; one that is interrupted is dropped (rule 2). */
function character(machine: Machine, byte: number): void {
  if (!isFollower(byte)) {
    drop(machine);
    return ground(machine, byte);
  }
  machine.held.push(byte);
  if (machine.held.length > followers(Number(machine.held[0]))) release(machine);
}

function escape(machine: Machine, byte: number): void {
  if (interrupts(machine, byte)) return;
  machine.held.push(byte);
  const begins = introducers[byte];
  if (machine.held.length === 2 && begins !== undefined) machine.state = begins;
  else if (byte >= 0x30) complete(machine, (held) => held[1] !== 0x25); // ESC % leaves UTF-8
}

/** What a byte after ESC begins: `[` a CSI, `]` an OSC; DCS, SOS, PM, APC and the title of screen(1) a string, which never passes. */
const introducers: Readonly<Partial<Record<number, State>>> = {
  0x5b: 'csi',
  0x5d: 'osc',
  0x50: 'string',
  0x58: 'string',
  0x5e: 'string',
  0x5f: 'string',
  0x6b: 'string',
};

function csi(machine: Machine, byte: number): void {
  if (interrupts(machine, byte)) return;
  machine.held.push(byte);
  if (byte >= 0x40) complete(machine, (held) => (byte !== 0x69 && byte !== 0x74) || !unwelcome.test(textOf(held)));
}

function string(machine: Machine, byte: number, end: State): void {
  if (byte === can || byte === sub) return drop(machine);
  // A string is kept up to one byte over the limit, so that `complete` sees that it is too long.
  if (byte !== esc && machine.held.length <= limit) machine.held.push(byte);
  if (byte === esc) machine.state = end;
  else if (byte === bel) endString(machine, end);
}

/** After an ESC in a string: `\` ends the string, anything else begins a new sequence in its place. */
function afterString(machine: Machine, byte: number): void {
  if (byte === 0x5c) {
    machine.held.push(esc, byte);
    return endString(machine, machine.state);
  }
  hold(machine, 'escape', esc);
  escape(machine, byte);
}

function endString(machine: Machine, end: State): void {
  complete(machine, (held) => end === 'osc-end' && isWelcome(machine.utf8, textOf(held)));
}

/** Whether an OSC may pass: one of the list (rule 1), with no control character in its text (rule 3). */
function isWelcome(utf8: boolean, text: string): boolean {
  const said = text.replace(/^\u001b\]|(?:\u0007|\u001b\\)$/g, '');
  const hidden = /[\u0000-\u001f\u007f]/.test(said) || (utf8 ? /\u00c2[\u0080-\u009f]/ : /[\u0080-\u009f]/).test(said);
  return osc.test(text) && !hidden;
}

/** Whether a byte ends a sequence early: a control character, or a byte above ASCII. Then the sequence is dropped, the byte is not. */
function interrupts(machine: Machine, byte: number): boolean {
  const part = byte >= 0x20 && byte < 0x7f && machine.held.length <= limit;
  if (part) return false;
  drop(machine);
  if (byte !== can && byte !== sub) ground(machine, byte);
  return true;
}

/** At the end of a sequence: passes it as a whole, or drops it (rule 2). */
function complete(machine: Machine, passes: (held: readonly number[]) => boolean): void {
  if (machine.held.length <= limit && passes(machine.held)) release(machine);
  else drop(machine);
}

function textOf(held: readonly number[]): string {
  return Buffer.from(held).toString('latin1');
}

function hold(machine: Machine, state: State, byte: number): void {
  machine.state = state;
  machine.held = [byte];
}

function release(machine: Machine): void {
  for (const byte of machine.held) emit(machine, byte);
  drop(machine);
}

function drop(machine: Machine): void {
  machine.state = 'ground';
  machine.held = [];
}

function emit(machine: Machine, byte: number): void {
  machine.out[machine.length++] = byte;
}

function isC1(byte: number): boolean {
  return byte >= 0x80 && byte <= 0x9f;
}
