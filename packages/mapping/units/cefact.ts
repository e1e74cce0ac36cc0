// UN/CEFACT common codes (Recommendation 20), as NGSI gives units, and each as it is written or as SenML has it.

const codes: ReadonlyMap<string, string> = new Map(
  `CEL °C|FAH °F|KEL K|P1 %|59 ppm|61 ppb|GQ ug/m3|GP mg/m3|M1 mg/l|H29 ug/l|GL g/l|KMQ kg/m3
  |WHR Wh|KWH kWh|MWH MWh|GWH GWh|JOU J|KJO kJ|3B MJ|GV GJ|KVH kVAh|K3 kvarh|MAH Mvarh
  |WTT W|KWT kW|MAW MW|A90 GW|C31 mW|D46 VA|KVA kVA|D44 var|KVR kvar|D54 W/m2
  |VLT V|2Z mV|KVT kV|AMP A|4K mA|B84 uA|AMH Ah|E09 mAh|OHM Ohm|B49 kOhm|D10 S/m|G42 uS/cm|H61 mS/cm
  |HTZ Hz|KHZ kHz|MHZ MHz|PAL Pa|A97 hPa|KPA kPa|MPA MPa|MBR mbar|BAR bar|PS psi|HN mmHg
  |MTR m|CMT cm|MMT mm|4H um|KMT km|FOT ft|INH in|SMI mi|MTK m2|MTQ m3|LTR l|MLT ml|DMQ l|FTQ ft3
  |MTS m/s|KMH km/h|HM mph|KNT kn|MSK m/s2|H67 mm/h|MQS m3/s|MQH m3/h|L2 l/min|G51 l/s|E32 l/h
  |KGM kg|GRM g|MGM mg|TNE t|NEW N|LUX lx|LUM lm|CDL cd|2N dB|DBM dBm|DD deg|C81 rad|Q30 pH|BQL Bq
  |SEC s|MIN min|HUR h|DAY d|C26 ms`
    .split(/\s*\|/)
    .map((entry) => entry.split(' ') as [string, string]),
);
/** "One" and "piece": counts, which need no unit. */
const counts = new Set(['C62', 'H87', 'NIU', 'EA', 'PCE']);

/**
 * The unit of a code, for `ruleUnit`; what is none is taken as it stands, as some write the unit itself.
 * @returns '' for counts
 * @example unitOfCode('GQ') // 'ug/m3'
 */
export function unitOfCode(code: string): string {
  const text = code.trim();
  return counts.has(text) ? '' : (codes.get(text) ?? text);
}
