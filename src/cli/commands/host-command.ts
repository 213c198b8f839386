// What a host command is: a command of the CLI that no keeper answers. Each has a file in this folder and an entry in table.ts.
// A file loads nothing but words and options; what the command does is loaded when it runs, so that help is fast.
import type { Argv, Options } from 'yargs';
import type { Layout } from '../../wire/layout.ts';

/** The command line as it is read: what every command takes. */
export type CommandLine = Argv<{ readonly plain: boolean | undefined }>;

/** An option with what it means. */
export type CommandOption = Options & { readonly describe: string };

export interface HostCommand {
  /** What `--help` and tmux-gate(8) say of its options. */
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Adds it to the command line. What it runs sets the exit code. */
  add(line: CommandLine, layout: Layout): CommandLine;
}
