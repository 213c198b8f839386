// The program sudo.js: asks sudo, for the keeper, whom its rule names, as a process of its own (adapters/fork-server.ts).
import { serveForks } from '../adapters/fork-server.ts';
import { namedBySudo } from '../adapters/sudo-rule.ts';

serveForks(async ([login = '', program = '']) => namedBySudo(login, program));
