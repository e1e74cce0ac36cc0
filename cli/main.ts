#!/usr/bin/env node
// trine: every command of the system, one file each.
import { Command, type CommanderError } from 'commander';
import { account, authorize, claim, deposit, release, revoke, withdraw } from './account.ts';
import { agreement } from './agreement.ts';
import { alerts } from './alerts.ts';
import { contest, contests, ruleContest } from './contest.ts';
import { decide } from './decide.ts';
import { device } from './device.ts';
import { hold, rule } from './dispute.ts';
import { domain } from './domain.ts';
import { evidence } from './evidence.ts';
import { forecast } from './forecast.ts';
import { forget } from './forget.ts';
import { fsck } from './fsck.ts';
import { held } from './held.ts';
import { importCsv } from './import.ts';
import { explain, label } from './label.ts';
import { model } from './model.ts';
import { mqtt } from './mqtt.ts';
import { exitStatus } from './output.ts';
import { pseudonym } from './pseudonym.ts';
import { publish } from './publish.ts';
import { rebuild } from './rebuild.ts';
import { recover } from './recover.ts';
import { replay } from './replay.ts';
import { up } from './up.ts';
import { verify } from './verify.ts';
import { version } from './version.ts';
import { watch } from './watch.ts';

const trine = new Command('trine')
  .description('Every reading provable, every decision replayable, every payment automatic.')
  .version(version)
  .showHelpAfterError('(add --help for what can be said)')
  .addCommand(up)
  .addCommand(device)
  .addCommand(importCsv)
  .addCommand(publish)
  .addCommand(mqtt)
  .addCommand(evidence)
  .addCommand(verify)
  .addCommand(explain)
  .addCommand(label)
  .addCommand(replay)
  .addCommand(model)
  .addCommand(watch)
  .addCommand(alerts)
  .addCommand(agreement)
  .addCommand(account)
  .addCommand(deposit)
  .addCommand(withdraw)
  .addCommand(authorize)
  .addCommand(claim)
  .addCommand(revoke)
  .addCommand(release)
  .addCommand(hold)
  .addCommand(rule)
  .addCommand(contest)
  .addCommand(contests)
  .addCommand(ruleContest)
  .addCommand(decide)
  .addCommand(held)
  .addCommand(domain)
  .addCommand(forecast)
  .addCommand(pseudonym)
  .addCommand(forget)
  .addCommand(recover)
  .addCommand(fsck)
  .addCommand(rebuild);

/** Wrong usage is status 2 everywhere: 1 is for answers that are no. */
function settle(command: Command): void {
  command.exitOverride(({ exitCode }: CommanderError) =>
    process.exit(exitCode === 0 ? exitStatus.ok : exitStatus.unusable),
  );
  for (const below of command.commands) settle(below);
}
settle(trine);

await trine.parseAsync();
