import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnnotatedRows, ExportRows } from './influx-csv.ts';
import { timeReader } from './record.ts';

const items = (Rows: typeof AnnotatedRows | typeof ExportRows, text: string) => {
  const reader = new Rows(timeReader({ timezone: 'UTC' }));
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line, i) => [...reader.read(line.split(','), i + 1)])
    .map((item) =>
      'why' in item ? [item.why, item.isLoss] : [item.thing.join('/'), item.quantity, item.timeMs, item.value],
    );
};
const at = Date.UTC(2018, 4, 8, 20, 50);

test('annotated CSV of the documentation: defaults, two tables, result and table are no tags', () => {
  const text = `
#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,string,string,double
#group,false,false,true,true,false,true,true,false
#default,my-result,,,,,,,
,result,table,_start,_stop,_time,region,host,_value
,,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:00Z,east,A,15.43
,,0,2018-05-08T20:50:00Z,2018-05-08T20:51:00Z,2018-05-08T20:50:20Z,east,B,

#datatype,string,long,dateTime:RFC3339,string,string,string,boolean
#group,false,false,false,true,true,true,false
#default,_result,0,,cpu,,,
,result,table,_time,_measurement,_field,host,_value
,,,2018-05-08T20:50:00Z,,up,A,true
,,,,,up,A,true
`;
  assert.deepEqual(items(AnnotatedRows, text), [
    ['host:A/region:east', 'value', at, 15.43],
    ['no value', false],
    ['cpu/host:A', 'up', at, true],
    ['no time', true],
  ]);
});

test('annotated CSV: pivoted fields, text values, exponents, an error', () => {
  const text = `
#datatype,string,long,dateTime:RFC3339,string,double,long,string
#default,_result,,,,,,
,result,table,_time,_measurement,temp,count,_ignored
,,0,2018-05-08T20:50:00Z,w,1e-05,7,x
#datatype,string,long,dateTime:RFC3339,string,string,string
,result,table,_time,_field,_measurement,_value
,,0,2018-05-08T20:50:00Z,state,m,12
#datatype,string,string
#default,,
,error,reference
,Failed to parse query,897
`;
  assert.deepEqual(items(AnnotatedRows, text), [
    ['w/_ignored:x', 'temp', at, 1e-5],
    ['w/_ignored:x', 'count', at, 7],
    ['m', 'state', at, '12'],
    ['error of the query', true],
  ]);
});

test('the export of 1.x: nanoseconds, tags, several fields, headings again', () => {
  const text = `
name,tags,time,value,ok
attempts,host=a,1548893400000000000,7000,true
attempts,host=b\\=1,1548893400000000000,,false
name,time,load
cpu,1548893400000000000,0.5
cpu,x,0.5
`;
  const time = Date.UTC(2019, 0, 31, 0, 10);
  assert.deepEqual(items(ExportRows, text), [
    ['attempts/host:a', 'value', time, 7000],
    ['attempts/host:a', 'ok', time, true],
    ['attempts/host:b=1', 'ok', time, false],
    ['cpu', 'load', time, 0.5],
    ['time not readable, before 1990 or after 2049', true],
  ]);
});
