// Words that stand where a value should.

const listed = (text: string): ReadonlySet<string> =>
  new Set(text.split(/\s*\|\s*|\n\s*/).filter((word) => word !== ''));

/**
 * "There is no value", as programs and people write it, lower case. Sources: pandas `na_values`, R, spreadsheets'
 * errors (English, German, French, Spanish, Dutch), Home Assistant's states, last wills of MQTT firmware, exports of
 * weather services.
 */
const nothing = listed(`
  na | n/a | n.a. | n. a. | #n/a | #na | #n/a n/a | <na> | <null> | (null) | nan | null | nil | none | undefined | void | missing | empty | blank
  unavailable | unknown | offline | not available | not_available | not connected | no data | nodata | no_data | no value | no reading | no sensor | not applicable | not set
  #value! | #ref! | #div/0! | #num! | #name? | #null! | #nv | #wert! | #bezug! | #zahl! | #valeur! | #nombre! | #valor! | #waarde! | #n/d
  k.a. | k. a. | ka | n.v. | nv | keine angabe | keine daten | kein wert | keine | nicht verfügbar | nicht vorhanden | nicht bekannt | unbekannt | fehlt | fehlend | leer
  indisponible | non disponible | inconnu | inconnue | hors ligne | aucun | aucune | pas de données | s.o. | vide | manquant
  no disponible | desconocido | desconocida | sin datos | sin dato | sin valor | n/d | n.d. | nd | s/d | ninguno | vacío
  niet beschikbaar | onbekend | geen data | geen | n.b. | n.v.t. | leeg | ontbreekt
  non disponibile | sconosciuto | nessun dato | indisponível | desconhecido | sem dados | brak | brak danych | niedostępny | nieznany
  ukjent | ukendt | okänd | saknas | ej tillgänglig | tuntematon | neznámý | нет данных | недоступно | неизвестно | 不明 | 欠測 | 无 | 無 | 无数据 | 离线
`);

/** Said of a sensor where a number should be. As a text of its own it may be a state, so it counts only there. */
const noNumber = listed(`
  error | err | fault | fail | failed | failure | invalid | bad | bad data | disconnected | sensor error | no signal | timeout | waiting | waiting... | waiting… | calibrating | calibration | initializing | starting | maintenance
  open circuit | short circuit | lost | absent | suspect | rejected
  fehler | störung | ungültig | defekt | ausfall | wartung | erreur | défaut | invalide | panne | error de sensor | inválido | fallo | fout | storing | ongeldig | errore
`);

const notFinite = /^[+-]?(?:inf|infinity|infinite|∞|1\.#inf\d*)$/i;
const notANumber = /^(?:[+-]?nan(?:\([^)]*\))?|[+-]?1\.#(?:qnan|snan|ind)\d*)$/i;
/** Dashes and dots, question marks, and the mark of a gap in plain tables. */
const marks = /^(?:[-–—−_]+(?:[.,:][-–—−_]+)*|\.{1,3}|…|\?+|\*+|#+)$/;

/** Why a text holds no value. */
export type NoValue = 'empty' | 'word' | 'not-finite';

/**
 * Does a text say that there is no value?
 *
 * @param expectsNumber also words about a sensor, such as "error", count
 * @returns why, or undefined where it says something
 * @example noValue('N/A', false) // 'word'
 */
export function noValue(text: string, expectsNumber: boolean): NoValue | undefined {
  if (text === '') return 'empty';
  const first = text.charCodeAt(0);
  // The usual case costs one look: a digit, or a sign with a digit after it.
  if (first >= 48 && first <= 57 && !/#/.test(text)) return undefined;
  if (notFinite.test(text)) return 'not-finite';
  if (notANumber.test(text) || marks.test(text)) return 'word';
  const word = text.toLowerCase().replace(/\s+/g, ' ');
  if (nothing.has(word) || (expectsNumber && noNumber.has(word))) return 'word';
  return undefined;
}

const sides = listed(`
  low | lo | high | hi | below | above | over | under | overrange | underrange | over range | under range | overflow | underflow | ol | o.l | ovl | ovf | bdl | bql | trace | not detected
  niedrig | tief | hoch | bas | haut | bajo | alto | laag | hoog | unter nachweisgrenze | spuren
`);
const bounded = /^(?:[<>≤≥]=?|<lo[dq]|>lo[dq])\s*\S*/i;

/**
 * A censored value: it lies beyond what could be measured (`<0.5`, `Low`), so it is known to be no number.
 * @returns the word to count it by
 * @example censored('< 0.5') // '< 0.5'
 */
export function censored(text: string): string | undefined {
  return bounded.test(text) || sides.has(text.toLowerCase()) ? text : undefined;
}
