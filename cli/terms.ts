// Terms on a command line: every field of a domain's schema is a flag, written as people write it.
import { type TermsField, type TermsSchema, termsInWords } from '@trine/engine';
import { type Command, Option } from 'commander';
import { readDuration, readTime } from './arguments.ts';
import { CommandError } from './output.ts';

/** Terms as they were written, by name. */
export type WrittenTerms = Readonly<Record<string, string>>;

/** Collects repeated `NAME=VALUE`. @throws CommandError */
export function collectTerm(text: string, before: WrittenTerms): WrittenTerms {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CommandError(`${text}: write NAME=VALUE.`);
  return { ...before, [name]: value };
}

/**
 * Values as the schema has them: durations, times and shares as people write them, lists and objects as JSON. A name that
 * the schema does not have is left as it is: the domain refuses it in words.
 * @throws CommandError
 */
export function readTerms(schema: TermsSchema, written: WrittenTerms): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(written).map(([name, text]) => [name, readTerm(schema.properties?.[name] ?? {}, text)]),
  );
}

function readTerm({ type, kind }: TermsField, text: string): unknown {
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  if (kind === 'duration' && !isNumber) return readDuration(text);
  if (kind === 'time' && !isNumber) return readTime(text);
  if (kind === 'ppm' && /^\d+(\.\d+)? ?%$/.test(text)) return Math.round(Number.parseFloat(text) * 10_000);
  if (type === 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const placeholders: Readonly<Record<string, string>> = {
  duration: 'duration',
  time: 'time',
  ppm: 'ppm',
  money: 'minor units',
  price: 'minor units for 1,000,000',
  integer: 'number',
  number: 'number',
  boolean: 'true|false',
  array: 'json',
  object: 'json',
};

/** `creditMinorUnits` as a flag; `windowMs` of a duration is `--window`. */
function flagOf(name: string, { kind }: TermsField): string {
  const shown = kind === 'duration' ? name.replace(/Ms$/, '') : name;
  return `--${shown.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A flag for each field of the schema, in its order; one whose name is taken begins with `--term-`. */
export class TermsFlags {
  readonly #schema: TermsSchema;
  readonly #names = new Map<string, string>();
  readonly #written = new Map<string, string>();

  constructor(command: Command, schema: TermsSchema) {
    this.#schema = schema;
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      const flag = flagOf(name, field);
      const isTaken = command.options.some(({ long }) => long === flag);
      const written = isTaken ? flag.replace('--', '--term-') : flag;
      const place = placeholders[field.kind ?? ''] ?? placeholders[field.type ?? ''] ?? 'text';
      const option = new Option(`${written} <${place}>`, wordsOf(field, name));
      command.addOption(option);
      this.#names.set(option.attributeName(), name);
      this.#written.set(name, written);
    }
  }

  /** As it is written. @example flagOf('statementsMin') // '--statements-min' */
  flagOf(name: string): string {
    return this.#written.get(name) ?? name;
  }

  /**
   * What was given, by name.
   * @param subject goes into every field that must name a subject and was left out
   */
  read(flags: Readonly<Record<string, unknown>>, subject: string): Record<string, unknown> {
    const written: Record<string, string> = {};
    for (const [attribute, name] of this.#names) {
      const given = flags[attribute];
      if (typeof given === 'string') written[name] = given;
      else if (this.#mustNameSubject(name)) written[name] = subject;
    }
    return readTerms(this.#schema, written);
  }

  #mustNameSubject(name: string): boolean {
    const { properties, required } = this.#schema;
    return properties?.[name]?.kind === 'subject' && required?.includes(name) === true;
  }
}

function wordsOf(field: TermsField, name: string): string {
  const { title, description, default: filled } = field;
  const words = [title ?? name, description].filter((one) => one !== undefined).join(': ');
  const [line] = termsInWords({ properties: { [name]: field } }, { [name]: filled }, undefined);
  return line ? `${words.replace(/\.$/, '')} (default: ${line.value})` : words;
}
