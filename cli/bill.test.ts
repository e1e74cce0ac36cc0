// A utility's first bill, by the commands of its README, over a running node.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Bench } from './testing.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const bench = new Bench();
before(() => bench.up());
after(() => bench.close());

/** The arguments of each command on a page, as a shell reads them. */
function commandsOf(page: string): string[][] {
  const texts = [...page.matchAll(/^npx trine ((?:.*\\\n)*.*)$/gm)].map(([, text]) => text as string);
  return texts.map((text) => {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
    return stdout.split('\0').slice(0, -1);
  });
}

test('a month of a household is imported and billed as its README says', async () => {
  const commands = commandsOf(readFileSync(new URL('../domains/metering/README.md', import.meta.url), 'utf8'));
  assert.deepEqual(
    commands.map(([name]) => name),
    ['import', 'watch'],
  );
  for (const given of commands) {
    const args = given.map((arg) => (arg.startsWith('domains/') ? `${root}${arg}` : arg));
    const { status, words } = await bench.trine(args);
    assert.equal(status, 0, words);
  }
  const bill = await bench.until(async () =>
    (await bench.api<{ items: { id: string; verdict: string }[] }>('decisions')).items.find(
      ({ verdict }) => verdict === 'billed',
    ),
  );
  const { items } = await bench.api<{ items: { key: string; reason: string }[] }>(`decisions/${bill.id}/rows`);
  assert.deepEqual(
    items.map(({ key, reason }) => [key, reason]),
    [['customer/7f3a', '257360 thousandths of kWh used: 8754 minor units']],
  );
});
