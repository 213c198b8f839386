// Asks sudo whom its rule names, for the keeper, as a process of its own (adapters/fork-server).
import { serveForks } from '../adapters/fork-server.ts';
import { namedBySudo } from '../adapters/sudo-rule.ts';

serveForks(async ([login = '', program = '']) => namedBySudo(login, program));
