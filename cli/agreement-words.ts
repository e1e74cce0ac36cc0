// An agreement in words, for who signs it: from its terms alone, whatever anybody calls them.

import type { Schemas } from '@trine/client';
import { domains } from '@trine/domains';
import { formatMinor, termsInWords } from '@trine/engine';
import { countOf, currencyDigits, formatTime } from '@trine/protocol';
import { type Table, table } from './output.ts';

type Draft = Schemas['DraftTerms'];

const time = (ms: number): string => formatTime(ms).replace('.000Z', 'Z');
const span = (seconds: number): string =>
  seconds % 86_400 === 0 && seconds > 0
    ? `${seconds / 86_400} d`
    : seconds % 3_600 === 0 && seconds > 0
      ? `${seconds / 3_600} h`
      : `${seconds} s`;

export function agreementInWords(draft: Draft): (string | Table)[] {
  const { money, period, gate, deciders } = draft;
  const currency = { code: money.currency, digits: currencyDigits(money.currency) };
  const amount = (minor: number) => formatMinor(minor, currency);
  const domain = domains.find(({ manifest }) => manifest.name === draft.domain);
  const terms = domain
    ? termsInWords(domain.terms.schema, draft.terms, currency).map(({ title, value }) => [title, value])
    : Object.entries(draft.terms as object).map(([name, value]) => [name, JSON.stringify(value)]);
  const objection =
    money.disputeWindowS === 0
      ? 'none: what is decided is paid at once'
      : `${span(money.disputeWindowS)}; if nobody rules within ${span(money.holdMaxS)} it is ${money.afterHold === 'pay' ? 'paid' : 'dropped'}`;
  return [
    `"${draft.title}" about ${draft.subject}: ${domain?.manifest.title ?? draft.domain}`,
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
      ['Readings need', `class ${gate.classMin} or better, of ${countOf(gate.ownersMin, 'owner')} besides who gains`],
      ...(draft.joining ? [['Accounts of lines', `join through ${draft.joining.by.join(', ')}`]] : []),
      [
        'Decided by',
        `${deciders.quorum} of ${deciders.list.length}: ${deciders.list.map(({ address }) => address).join(', ')}`,
      ],
    ]),
  ];
}
