// The shared suite of domains: what core relies on, whatever a domain decides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, isUnit, toHex } from '@trine/protocol';
import type { DecisionInput, Domain, LoggedReading } from '../domain.ts';

export interface DomainCase {
  readonly domain: Domain;
  readonly rule: Agreement['rule'];
  /** Readings of window `n` of a thing in good order. */
  readonly ordinary: (n: number) => readonly LoggedReading[];
  readonly windowMs: number;
  /** A file of the domain's sources, to be searched for what a replay cannot repeat. */
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}

/** Terms for tests: every field real, no chain behind them. */
export function testTerms(domain: Domain, rule: Agreement['rule'], windowMs: number): Agreement {
  const address = (digit: string) => `0x${digit.repeat(40)}`;
  return {
    trine: 'agreement/1',
    network: `trine:${'0'.repeat(32)}`,
    domain: domain.name,
    title: 'Test',
    payer: { name: 'Payer', address: address('1') },
    recipient: { name: 'Recipient', address: address('2') },
    arbiter: address('3'),
    subject: 'thing/1',
    window: { startMs: 0, endMs: 1_000 * windowMs, lengthMs: windowMs, graceMs: 0 },
    rule,
    model: domain.model(),
    gate: { ownersMin: 1, classMin: 'software', heartbeat: 'node/1', heartbeatGapMsMax: windowMs },
    money: {
      chainId: 1,
      contract: address('4'),
      token: address('5'),
      currency: 'EUR',
      perObligationMax: 100,
      totalMax: 1_000,
      disputeWindowS: 0,
      deadlineS: 60,
    },
    deciders: { addresses: [address('6')], quorum: 1 },
  };
}

/** Registers the checks. */
export function checkDomain({ domain, rule, ordinary, windowMs, sources }: DomainCase): void {
  const terms = testTerms(domain, rule, windowMs);
  const input = (n: number, state: Uint8Array, readings: readonly LoggedReading[]): DecisionInput => ({
    terms,
    parameters: {},
    fromMs: n * windowMs,
    toMs: (n + 1) * windowMs,
    state,
    statements: new Set(readings.map(({ leaf }) => leaf)).size,
    readings,
  });
  const run = (windows: number): string[] => {
    let state: Uint8Array = new Uint8Array();
    return Array.from({ length: windows }, (_, n) => {
      const result = domain.judge(input(n, state, ordinary(n)));
      state = result.state;
      return JSON.stringify({ ...result, state: toHex(result.state) });
    });
  };

  test(`${domain.name}: things send registered units within sensible limits`, () => {
    for (const thing of domain.things)
      for (const [name, { unit, minimum, maximum }] of Object.entries(thing.properties)) {
        assert.ok(isUnit(unit), `${thing.title} ${name}: ${unit}`);
        assert.ok((minimum ?? Number.NEGATIVE_INFINITY) < (maximum ?? Number.POSITIVE_INFINITY), name);
      }
  });

  test(`${domain.name}: two runs agree to the bit`, () => {
    assert.deepEqual(run(50), run(50));
  });

  test(`${domain.name}: the state survives as bytes at every window`, () => {
    const whole = run(20);
    let state: Uint8Array = new Uint8Array();
    for (let n = 0; n < 20; n++) {
      const result = domain.judge(input(n, Uint8Array.from(state), ordinary(n)));
      assert.equal(JSON.stringify({ ...result, state: toHex(result.state) }), whole[n]);
      state = result.state;
    }
    assert.ok(state.length <= 60_000, `the state has ${state.length} bytes and must fit into a leaf`);
  });

  test(`${domain.name}: the input is left as it was`, () => {
    const given = input(0, new Uint8Array(), ordinary(0));
    const before = structuredClone(given);
    domain.judge(given);
    assert.deepEqual(structuredClone(given), before);
  });

  test(`${domain.name}: what is met costs nothing, what is breached something, and both are said in words`, () => {
    for (const readings of [ordinary(0), []]) {
      const { verdict, amount, reason } = domain.judge(input(0, new Uint8Array(), readings));
      assert.equal(amount > 0, verdict === 'breached');
      assert.ok(Number.isSafeInteger(amount) && amount >= 0);
      for (const [, name] of reason.template.matchAll(/\{(\w+)\}/g))
        assert.ok(Object.hasOwn(reason.arguments, name as string), name);
    }
  });

  test(`${domain.name}: nothing in the sources depends on clock, chance or engine`, () => {
    for (const { path, text } of sources) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.doesNotMatch(
        code,
        /\bDate\b|Math\.(random|exp|log|pow|sin|cos|tan|hypot|cbrt|atan)|performance\.|process\.|setTimeout|await /,
        path,
      );
    }
  });
}
