// trine rebuild: makes the store again from the log, with the node stopped.

import { LogLockedError } from '@trine/log/errors.ts';
import { countOf } from '@trine/protocol';
import { Command } from 'commander';
import { homeFolder, readRunning } from './home.ts';
import { action, CommandError, examples, print, printJson, showProgress } from './output.ts';

const PROGRESS_MS = 500;

export const rebuild: Command = examples(
  new Command('rebuild')
    .description('delete the store (tables for people and queries) and make it again from log and bodies')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)')
    .option('--json', 'print what was done as one JSON document')
    .action(
      action(async (flags: { home?: string; json?: boolean }) => {
        const home = homeFolder(flags.home);
        const running = readRunning(home);
        if (running) throw new CommandError(`The node of ${home} runs (process ${running.pid}): stop it first.`);
        // Loaded only here: the other commands start quicker without the store.
        const { NoNodeHereError, rebuildStore } = await import('@trine/node/projections/rebuild.ts');
        const began = performance.now();
        let shown = began;
        try {
          const rebuilt = await rebuildStore(home, (done, total) => {
            if (performance.now() - shown < PROGRESS_MS && done < total) return;
            shown = performance.now();
            showProgress(`${done} of ${countOf(total, 'leaf', 'leaves')}`, done === total);
          });
          const seconds = (performance.now() - began) / 1000;
          if (flags.json) printJson({ ...rebuilt, seconds });
          else {
            const erased =
              rebuilt.unread > 0 ? ` The readings of ${countOf(rebuilt.unread, 'statement')} were erased before.` : '';
            print(
              `The store is made again from ${countOf(rebuilt.leaves, 'leaf', 'leaves')}, in ${seconds.toFixed(1)} s.${erased}`,
            );
          }
        } catch (error) {
          if (error instanceof LogLockedError) throw new CommandError(`A node uses ${home}: stop it first.`);
          if (error instanceof NoNodeHereError) throw new CommandError(error.message);
          throw error;
        }
      }),
    ),
  `Example:
  trine rebuild

Log, bodies and chain are not touched. Stop the node before. Exit status: 0 made again, 2 not (a node runs, or there is
none in the data folder).`,
);
