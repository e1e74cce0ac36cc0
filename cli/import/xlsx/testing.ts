// Workbooks for tests: a ZIP archive of the parts that are given (APPNOTE.TXT 6.3.10, without extras).
import { crc32, deflateRawSync } from 'node:zlib';

/** What an archive says of a part, where it lies. */
export interface Lie {
  readonly bytes?: number;
}

function header(signature: number, name: Buffer, data: Buffer, packed: Buffer, bytes: number, offset?: number): Buffer {
  const isCentral = offset !== undefined;
  const head = Buffer.alloc(isCentral ? 46 : 30);
  const at = isCentral ? 2 : 0;
  head.writeUInt32LE(signature, 0);
  head.writeUInt16LE(20, 4);
  if (isCentral) head.writeUInt16LE(20, 6);
  head.writeUInt16LE(8, 8 + at);
  head.writeUInt32LE(crc32(data), 14 + at);
  head.writeUInt32LE(packed.length, 18 + at);
  head.writeUInt32LE(bytes, 22 + at);
  head.writeUInt16LE(name.length, 26 + at);
  if (isCentral) head.writeUInt32LE(offset, 42);
  return Buffer.concat([head, name]);
}

/** @param lies what is said of a part instead of the truth */
export function zipOf(
  parts: Readonly<Record<string, string | Buffer>>,
  lies: Readonly<Record<string, Lie>> = {},
): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [path, content] of Object.entries(parts)) {
    const name = Buffer.from(path);
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const bytes = lies[path]?.bytes ?? data.length;
    const local = Buffer.concat([header(0x04034b50, name, data, packed, bytes), packed]);
    central.push(header(0x02014b50, name, data, packed, bytes, offset));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export interface SheetParts {
  /** Name and rows as XML. */
  readonly sheets: readonly { readonly name: string; readonly rows: string; readonly state?: string }[];
  readonly strings?: string;
  readonly is1904?: boolean;
}

/** Styles: 0 general, 1 `dd/mm/yyyy hh:mm`, 2 a built-in date, 3 `h:mm`, 4 `0.00`. */
export function partsOfBook({ sheets, strings, is1904 }: SheetParts): Record<string, string> {
  const list = sheets.map(
    ({ name, state }, i) =>
      `<sheet name="${name}" sheetId="${i + 1}"${state ? ` state="${state}"` : ''} r:id="r${i + 1}"/>`,
  );
  return {
    'xl/workbook.xml': `<workbook><workbookPr date1904="${is1904 ? 1 : 0}"/><sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships>${sheets.map((_, i) => `<Relationship Id="r${i + 1}" Target="${i % 2 ? '/xl/' : ''}worksheets/sheet${i + 1}.xml"/>`).join('')}</Relationships>`,
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="2"/></cellXfs></styleSheet>',
    ...(strings !== undefined && { 'xl/sharedStrings.xml': `<sst>${strings}</sst>` }),
    ...Object.fromEntries(
      sheets.map(({ rows }, i) => [
        `xl/worksheets/sheet${i + 1}.xml`,
        `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
      ]),
    ),
  };
}
