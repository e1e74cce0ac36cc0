// An agreement in words, for who signs it: from its terms alone, whatever anybody calls them.

import type { Schemas } from '@trine/client';
import { domains } from '@trine/domains';
import { formatDuration, formatMinor, type TermsSchema, termsInWords } from '@trine/engine';
import { countOf, currencyDigits, formatTime } from '@trine/protocol';
import { homeFolder } from './home.ts';
import { installedData } from './installed.ts';
import { type Table, table } from './output.ts';

type Draft = Schemas['DraftTerms'];

const time = (ms: number): string => formatTime(ms).replace('.000Z', 'Z');
const span = (seconds: number): string => formatDuration(seconds * 1000);

/** Of the release, or installed here: never what a node says of it. */
function domainOf(name: string): { title: string; schema: TermsSchema } | undefined {
  const ours = domains.find(({ manifest }) => manifest.name === name);
  if (ours) return { title: ours.manifest.title, schema: ours.terms.schema };
  const installed = installedData(homeFolder()).find(({ manifest }) => manifest.name === name);
  return installed && { title: installed.manifest.title, schema: installed.schema };
}

/** Who must agree before another model decides, and what it must have shown. */
function modelWords({ modelChange }: Draft): string {
  if (modelChange === undefined) return 'none: the model stays as agreed';
  const { approvals, shadowsMin, differencesMaxPpm } = modelChange;
  return `once ${approvals.join(' and ')} approved it, and it decided ${countOf(shadowsMin, 'time')} beside this one, at most ${differencesMaxPpm / 10_000} % of them otherwise`;
}

/** Whose readings must stand behind a payment. */
function readingsWords({ classMin, ownersMin }: Draft['gate']): string {
  const owners =
    ownersMin === 0
      ? '; nobody besides who gains need stand behind a payment, and silence may be paid for'
      : `, of ${countOf(ownersMin, 'owner')} besides who gains; what rests on silence alone is held`;
  return `class ${classMin} or better${owners}`;
}

function outageWords({ waysIn, outageAllowanceMs }: Draft['gate']): string {
  const which = waysIn ? ` by ${waysIn.join(', ')}` : '';
  const most =
    outageAllowanceMs === undefined
      ? ''
      : `; for ${formatDuration(outageAllowanceMs)} in all, then what arrived counts`;
  return `where nothing could come in${which}${most}`;
}

/** @param members of the network: what the keys through which accounts join are called */
export function agreementInWords(draft: Draft, members: Schemas['Network']['members']): (string | Table)[] {
  const { money, period, gate, deciders } = draft;
  const currency = { code: money.currency, digits: currencyDigits(money.currency) };
  const amount = (minor: number) => formatMinor(minor, currency);
  const domain = domainOf(draft.domain);
  const nameOf = (key: string) => {
    const member = members.find((one) => one.key === key);
    return member ? `${member.name} (${key})` : key;
  };
  const terms = domain
    ? termsInWords(domain.schema, draft.terms, currency).map(({ title, value }) => [title, value])
    : Object.entries(draft.terms as object).map(([name, value]) => [name, JSON.stringify(value)]);
  const objection =
    money.disputeWindowS === 0
      ? 'none: what is decided is paid at once'
      : `${span(money.disputeWindowS)}; if nobody rules within ${span(money.holdMaxS)} it is ${money.afterHold === 'pay' ? 'paid' : 'dropped'}`;
  return [
    `"${draft.title}" about ${draft.subject}: ${domain?.title ?? draft.domain}`,
    table([
      ...draft.parties.map(({ role, name, address }) => [role, name, address ?? 'has yet to make its key']),
      ['arbiter', '', draft.arbiter],
      ...(draft.registrar === undefined ? [] : [['registrar', '', draft.registrar]]),
    ]),
    '',
    table([
      ...terms.map(([title, value]) => [title as string, value as string]),
      ['Runs', `${time(period.startMs)} to ${time(period.endMs)}`],
      ['Most for one obligation', amount(money.perObligationMax)],
      ['Most in all', amount(money.totalMax)],
      ['Time to object', objection],
      ['Can be paid', `until ${span(money.settleWithinS)} after the end of what it is for`],
      ['Another model', modelWords(draft)],
      [
        'Late readings',
        draft.correctableMs === undefined
          ? 'change nothing that was decided'
          : `change what was decided, for ${formatDuration(draft.correctableMs)} after its end`,
      ],
      ['Readings need', readingsWords(gate)],
      ['Held', outageWords(gate)],
      ...(money.contestBond === undefined
        ? []
        : [
            [
              'Contesting a row',
              `takes ${amount(money.contestBond)} until the arbiter has ruled, or ${span(money.holdMaxS)}`,
            ],
          ]),
      ...(draft.joining
        ? [['Accounts of lines', `join through ${draft.joining.by.map(nameOf).join(', ')}; lines are paid in batches`]]
        : []),
      [
        'Decided by',
        `${deciders.quorum} of ${deciders.list.length}: ${deciders.list.map(({ address }) => address).join(', ')}`,
      ],
    ]),
  ];
}
