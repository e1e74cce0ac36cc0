// Headings of columns: what is measured, and its unit where only one reading is possible.
import { degrees } from './table.ts';
import { isExactUnit, type WrittenUnit, writtenUnit } from './units.ts';

export interface Heading {
  /** What is left of the heading without its unit. */
  readonly name: string;
  /** Absent where the heading gives none, or none that is sure. */
  readonly unit?: WrittenUnit;
}

const BRACKETS = /^(.*\S)\s*(?:\(\s*([^()]*(?:\([^()]*\))?)\s*\)|\[\s*([^[\]]+?)\s*\]|\{\s*([^{}]+?)\s*\})\s*$/;
/** HOBO loggers put their own number and that of the sensor behind the unit. */
const SERIAL_NUMBER = /^(.*\S)\s*\((?:LGR|SEN) S\/N: [^()]*\)$/;
const PREPOSITION = /^(?:in|en|im|em|as)\s+/i;
/** A unit after one of these stands apart from the name. */
const APART = /^(.*\S)(?:\s+[-–—]\s+|\s*:\s+|\s*[,;]\s*|\s+(?:in|en)\s+)(\S.*)$/i;
const BY_SPACE = /^(.*\S)\s+(\S+)$/;
const BY_LOW_LINE = /^(.*[^_])_([A-Za-z%°µμ]+)$/;
/** DIN 1313: quantity/unit, the quantity as a formula symbol. */
const BY_STROKE = /^(\p{L}[\w,]{0,3})\s*\/\s*(\S+)$/u;
/** Signs that only units have. */
const UNIT_SIGN = /[°℃℉%µμ²³Ω‰]|^k?m\/[sh]$|^dB\([AC]\)$/;
/** After a low line or alone these mean something else: minimum, an input, a day, "bar chart", a phase, a name. */
const ELSEWHERE = new Set(
  'min in ms ma mi day days hour hours minute minutes second sec mb db ph count counts bit bits byte bytes us ppt pt gr va kt kn cc cd pa oc of rad var gon std tag mins'.split(
    ' ',
  ),
);

/**
 * Reads a heading. It never guesses: where two readings are possible the heading is a name.
 *
 * @example headingOf('Temp (C)') // { name: 'Temp', unit: { unit: 'Cel', … } }
 * @example headingOf('Puissance (en W)') // { name: 'Puissance', unit: { unit: 'W', … } }
 * @example headingOf('power_kW') // { name: 'power', unit: { unit: 'kW', … } }
 * @example headingOf('Leistung kW') // { name: 'Leistung kW' }: "Halle A", "Phase C" are written like this, too
 * @example headingOf('Temp, °C (LGR S/N: 10328, SEN S/N: 10328)') // { name: 'Temp', unit: { unit: 'Cel', … } }
 * @example headingOf('Car park (north)') // { name: 'Car park (north)' }
 */
export function headingOf(heading: string): Heading {
  const text = heading.trim();
  const [, before] = SERIAL_NUMBER.exec(text) ?? [];
  const ofLogger = before === undefined ? undefined : (inBrackets(before) ?? standingApart(before));
  if (ofLogger) return ofLogger;
  return inBrackets(text) ?? standingApart(text) ?? byLowLine(text) ?? byStroke(text) ?? alone(text) ?? { name: text };
}

function inBrackets(text: string): Heading | undefined {
  const [, name, ...inside] = BRACKETS.exec(text) ?? [];
  const written = inside.find((part) => part !== undefined)?.replace(PREPOSITION, '');
  if (name === undefined || written === undefined || written === '' || isDoubtful(written, name)) return undefined;
  // "Vehicle(s)" is a plural.
  if (written === 's' && text.endsWith(`${name}(s)`)) return undefined;
  const unit = writtenUnit(written, name);
  return unit && { name, unit };
}

const NUMBERED =
  /(?:phase|zone|room|raum|sensor|probe|line|lane|leiter|channel|kanal|tank|building|block|halle|floor|site|station|unit|port|input|group|gate|bay|platform|track|gleis|park|parking|lot|area|sector|side|class|type|model|mode|series|plan|tariff?|dB)\s*$/i;
/** Abbreviations that are a unit only of these: else a minimum, an input, a variance, a name. */
const ONLY_OF: Readonly<Record<string, RegExp>> = {
  N: /force|kraft|fuerza|kracht|thrust/i,
  min: /time|dauer|zeit|duration|durée|tijd|duur|delay|age\b|interval|uptime|runtime/i,
  in: /rain|precip|snow|level|stage|gauge|height|depth|length|width|diam|dist|baro|regen|lluvia|pluie/i,
  var: /power|leistung|react|blind|puissance|potencia|vermogen|^q\b/i,
};
const ACCELERATION = /acc|beschl|vibr|shock|accél|acel/i;

/** What may be a name or a word: "Zone (C)", "Temp (min)", "Cars (in)", "Latitude (N)", "Acceleration (g)", "Leq dB(A)". */
function isDoubtful(written: string, name: string): boolean {
  const only = Object.hasOwn(ONLY_OF, written) ? ONLY_OF[written] : undefined;
  if (only !== undefined) return !only.test(name);
  return /^\p{L}$/u.test(written) && (NUMBERED.test(name) || (written === 'g' && ACCELERATION.test(name)));
}

function standingApart(text: string): Heading | undefined {
  const [, name, written] = APART.exec(text) ?? [];
  if (name !== undefined && written !== undefined) {
    const unit = writtenUnit(written.replace(PREPOSITION, ''), name);
    // "Phase - A", "Room, C": one letter may be a name, unless it is of what is measured.
    if (unit && !isDoubtful(written, name) && (!/^\p{L}$/u.test(written) || isOf(unit, name))) return { name, unit };
  }
  const [, before, last] = BY_SPACE.exec(text) ?? [];
  if (before === undefined || last === undefined || !UNIT_SIGN.test(last)) return undefined;
  const unit = writtenUnit(last, before);
  return unit && { name: before, unit };
}

const OWN_WORDS: Readonly<Record<string, RegExp>> = {
  Cel: /temp|dew|taupunkt/i,
  W: /power|leistung|puissance|potencia|vermogen/i,
  V: /volt|spannung|tension|tensión|spanning/i,
  A: /current|strom|intensit|courant|corriente|stroom/i,
  h: /time|dauer|duration|zeit|durée|tijd|stunden|uptime/i,
  s: /time|dauer|duration|zeit|durée|tijd|uptime/i,
  kg: /weight|gewicht|mass|poids|peso/i,
  m: /level|pegel|depth|tiefe|height|höhe|niveau/i,
};

function isOf({ unit }: WrittenUnit, name: string): boolean {
  return OWN_WORDS[unit]?.test(name) ?? false;
}

function byLowLine(text: string): Heading | undefined {
  const [, name, written] = BY_LOW_LINE.exec(text) ?? [];
  if (name === undefined || written === undefined) return undefined;
  const sure = written.length > 1 && !ELSEWHERE.has(written.toLowerCase()) && !degrees.has(written);
  if (!sure && !/^(?:mA|VA|dB|Pa|°|%)$/.test(written)) return undefined;
  const unit = writtenUnit(written, name);
  return unit && unit.unit !== '' ? { name, unit } : undefined;
}

function byStroke(text: string): Heading | undefined {
  const [, name, written] = BY_STROKE.exec(text) ?? [];
  if (name === undefined || written === undefined) return undefined;
  if (writtenUnit(text) !== undefined) return undefined;
  const unit = writtenUnit(written);
  if (unit === undefined || unit.unit === '') return undefined;
  // A rate, or so much of it in each: "Q/h", "CO2/kWh".
  if (PER.has(unit.unit) && !(name.length === 1 && !TIMES.has(unit.unit)) && name !== 't') return undefined;
  // "l/min" and "g/kg" are units as a whole, T is the symbol of a temperature.
  const isUnitToo = name.length === 1 && name === 'T' ? unit.unit !== 'Cel' && unit.unit !== 'K' : isUnitName(name);
  return isUnitToo ? undefined : { name, unit };
}

const TIMES: ReadonlySet<string> = new Set(['s', 'ms', 'min', 'h']);
const PER: ReadonlySet<string> = new Set([...TIMES, 'm', 'km', 'kg', 'l', 'm2', 'm3', 'kWh']);

function isUnitName(name: string): boolean {
  return writtenUnit(name) !== undefined;
}

/** A heading that is nothing but a unit: `kWh`, `°C`. It names the column, too. */
function alone(text: string): Heading | undefined {
  if (text.length < 2 || ELSEWHERE.has(text.toLowerCase()) || degrees.has(text)) return undefined;
  // Words, such as "Volt" and "seconds", are names as well as units.
  if (/^\p{L}{4,}$/u.test(text) || /\s/.test(text)) return undefined;
  const unit = isExactUnit(text) ? writtenUnit(text) : undefined;
  return unit && unit.unit !== '' ? { name: text, unit } : undefined;
}
