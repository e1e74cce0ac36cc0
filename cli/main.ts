#!/usr/bin/env node
import { Command } from 'commander';
import { up } from './up.ts';
import { version } from './version.ts';

await new Command('trine')
  .description('Every reading provable, every decision replayable, every payment automatic.')
  .version(version)
  .addCommand(up)
  .parseAsync();
