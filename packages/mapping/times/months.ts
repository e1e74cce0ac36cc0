// Names of months and days of the week in English, German, French, Dutch, Spanish and Italian, whole and short. No name
// means one month in one of these languages and another month in another.

const months = [
  'jan january januar janner janvier janv januari enero ene gennaio gen',
  'feb february februar fevrier fevr fev februari febrero febbraio febb',
  'mar march marz maerz mrz mars maart mrt marzo',
  'apr april avril avr abril abr aprile',
  'may mai mei mayo maggio mag',
  'jun june juni juin junio giugno giu',
  'jul july juli juillet juil julio luglio lug',
  'aug august aout augustus agosto ago',
  'sep sept september septembre septiembre setiembre set settembre sett',
  'oct october oktober okt octobre octubre ottobre ott',
  'nov november novembre noviembre',
  'dec december dezember dez decembre dic diciembre dicembre',
];
const numbers = new Map(months.flatMap((names, i) => names.split(' ').map((name) => [name, i + 1] as const)));

const weekdays = new Set(
  `mon monday mo montag lun lundi lunes lunedi ma maandag
   tue tues tuesday di dienstag mar mardi martes martedi dinsdag
   wed wednesday mi mittwoch mer mercredi mie miercoles mercoledi wo woensdag
   thu thur thurs thursday do donnerstag jeu jeudi jue jueves gio giovedi donderdag
   fri friday fr freitag ven vendredi vie viernes venerdi vr vrijdag
   sat saturday sa samstag sonnabend sam samedi sab sabado sabato za zaterdag
   sun sunday so sonntag dim dimanche dom domingo domenica zo zondag`.split(/\s+/),
);

/** Without accents and in small letters. */
const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f.]/g, '')
    .toLowerCase();

/** 1 to 12, or undefined. @example monthNamed('Févr.') // 2 */
export function monthNamed(text: string): number | undefined {
  return numbers.get(fold(text));
}

/** Is it the name of a day of the week? Which one is not asked: the date says it. */
export function isWeekday(text: string): boolean {
  return weekdays.has(fold(text));
}
