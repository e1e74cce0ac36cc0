// Units as they are written in the field, and the SenML unit of each. Factors are exact by definition: the
// international yard and pound (1959), the US gallon (231 in³), the nautical mile (1929), standard gravity (1901).
// Written forms are separated by `|`; case counts, and is forgiven only where one unit is left (units.ts).

export interface UnitRow {
  /** SenML symbol; absent where there is none: then the value stays as it is, without a unit. */
  readonly unit?: string;
  /** SenML value = written value × times + plus. */
  readonly times?: string;
  readonly plus?: string;
  readonly written: string;
  /** Said where there is no symbol. */
  readonly why?: string;
}

const POUND_PER_SQUARE_INCH = '4.4482216152605/0.00064516';
const noSymbol = (written: string, why = 'SenML has no symbol for it'): UnitRow => ({ written, why });

export const rows: readonly UnitRow[] = [
  // Temperature. (C) and (F) beside a heading or a number mean degrees; coulomb and farad are SenML symbols of rules.
  {
    unit: 'Cel',
    written:
      '°C | C | Cel | degC | deg C | Deg C | deg. C | DegC | °Celsius | ° Celsius | Celsius | celsius | degrees Celsius | degree Celsius | degrees C | Grad Celsius | Grad C | GradC | degrés Celsius | degrés C | grados Celsius | graden Celsius | gr C | centigrade | oC',
  },
  {
    unit: 'Cel',
    times: '5/9',
    plus: '-160/9',
    written:
      '°F | F | degF | deg F | Deg F | deg. F | DegF | Fahrenheit | °Fahrenheit | degrees Fahrenheit | degrees F | Grad Fahrenheit | degrés Fahrenheit | grados Fahrenheit | oF',
  },
  { unit: 'K', written: 'K | °K | kelvin | Kelvin | degK | deg K' },
  { unit: 'K', times: '0.001', written: 'mK' },
  // Energy.
  {
    unit: 'Wh',
    written: 'Wh | wh | W·h | W.h | W h | watt hour | watt hours | watt-hour | watt-hours | Wattstunden | wattheure',
  },
  {
    unit: 'kWh',
    written:
      'kWh | kwh | KWh | KWH | kW·h | kW.h | kW h | kW*h | kWhr | kWhrs | kilowatt hour | kilowatt hours | kilowatt-hours | Kilowattstunden | kWu',
  },
  { unit: 'kWh', times: '1000', written: 'MWh | MWH | Mwh | MW·h | megawatt hours | megawatt-hours' },
  { unit: 'kWh', times: '1000000', written: 'GWh | GWH' },
  { unit: 'kWh', times: '1000000000', written: 'TWh' },
  { unit: 'Wh', times: '0.001', written: 'mWh' },
  { unit: 'J', written: 'J | joule | joules | Joule | Ws' },
  { unit: 'J', times: '1000', written: 'kJ | kilojoule' },
  { unit: 'J', times: '1000000', written: 'MJ' },
  { unit: 'J', times: '1000000000', written: 'GJ' },
  { unit: 'VAs', written: 'VAs' },
  { unit: 'kVAh', written: 'kVAh | kvah' },
  { unit: 'kVAh', times: '0.001', written: 'VAh | vah' },
  { unit: 'varh', written: 'varh | VArh | VARh | Varh' },
  { unit: 'kvarh', written: 'kvarh | kVArh | kVARh | KVARh' },
  { unit: 'kvarh', times: '1000', written: 'Mvarh | MVArh | MVARh' },
  { unit: 'vars', written: 'vars' },
  // Power.
  { unit: 'W', written: 'W | w | watt | watts | Watt | Watts | vatios | vatio' },
  { unit: 'kW', written: 'kW | kw | KW | kilowatt | kilowatts | Kilowatt' },
  { unit: 'kW', times: '1000', written: 'MW | megawatt | megawatts' },
  { unit: 'kW', times: '1000000', written: 'GW | gigawatt' },
  { unit: 'W', times: '0.001', written: 'mW' },
  { unit: 'VA', written: 'VA | va | volt-ampere | volt-amps' },
  { unit: 'kVA', written: 'kVA | kva | KVA' },
  { unit: 'kVA', times: '1000', written: 'MVA' },
  { unit: 'var', written: 'var | VAr | VAR | Var' },
  { unit: 'kvar', written: 'kvar | kVAr | kVAR | KVAR | kVar' },
  { unit: 'kvar', times: '1000', written: 'Mvar | MVAr | MVAR' },
  { unit: 'W/m2', written: 'W/m2 | W/sqm | watts/m2 | W m-2 | w/m2' },
  { unit: 'W/m2', times: '1000', written: 'kW/m2' },
  // Electricity.
  { unit: 'V', written: 'V | v | volt | volts | Volt | Volts | voltios' },
  { unit: 'mV', written: 'mV | millivolt | millivolts' },
  { unit: 'V', times: '0.000001', written: 'uV' },
  { unit: 'V', times: '1000', written: 'kV | kilovolt' },
  { unit: 'A', written: 'A | amp | amps | Amp | Amps | ampere | amperes | Ampere | amperios | Ampère' },
  { unit: 'mA', written: 'mA | milliamp | milliamps' },
  { unit: 'uA', written: 'uA | microamp | microamps' },
  { unit: 'A', times: '1000', written: 'kA' },
  { unit: 'Ah', written: 'Ah | amp hours | amp-hours' },
  { unit: 'Ah', times: '0.001', written: 'mAh' },
  { unit: 'Ohm', written: 'Ohm | ohm | ohms | Ohms | Ω' },
  { unit: 'Ohm', times: '1000', written: 'kOhm | kohm | kΩ' },
  { unit: 'Ohm', times: '1000000', written: 'MOhm | MΩ' },
  { unit: 'S/m', written: 'S/m' },
  { unit: 'S/m', times: '0.1', written: 'mS/cm | dS/m' },
  { unit: 'S/m', times: '0.0001', written: 'uS/cm' },
  { unit: 'S', times: '0.001', written: 'mS' },
  { unit: 'S', times: '0.000001', written: 'uS' },
  { unit: 'Hz', written: 'Hz | hz | HZ | hertz | Hertz' },
  { unit: 'Hz', times: '1000', written: 'kHz | khz' },
  { unit: 'MHz', written: 'MHz | Mhz' },
  { unit: 'MHz', times: '1000', written: 'GHz | Ghz' },
  // Pressure.
  { unit: 'Pa', written: 'Pa | pa | pascal | Pascal | pascals' },
  { unit: 'hPa', written: 'hPa | hpa | HPA | HPa | mbar | mBar | mb | millibar | millibars | mbars | Hektopascal' },
  { unit: 'Pa', times: '1000', written: 'kPa | kpa | KPa | KPA | kilopascal' },
  { unit: 'Pa', times: '1000000', written: 'MPa' },
  { unit: 'Pa', times: '100000', written: 'bar | Bar | BAR | bars | barg | bar(g) | bara' },
  { unit: 'Pa', times: '1000', written: 'cbar' },
  { unit: 'Pa', times: '101325', written: 'atm' },
  { unit: 'Pa', times: POUND_PER_SQUARE_INCH, written: 'psi | PSI | psig | psia | lbf/in2' },
  { unit: 'Pa', times: '133.322387415', written: 'mmHg | mm Hg | mmhg' },
  { unit: 'Pa', times: '3386.388640341', written: 'inHg | in Hg | inhg | "Hg' },
  { unit: 'Pa', times: '9.80665', written: 'mmH2O | mmWS' },
  { unit: 'Pa', times: '98.0665', written: 'cmH2O' },
  // Concentrations and matter.
  { unit: 'ug/m3', written: 'ug/m3 | ug/cbm | mcg/m3 | ug m-3 | microgram/m3 | micrograms per cubic meter' },
  { unit: 'ug/m3', times: '1000', written: 'mg/m3 | mg m-3 | mg/cbm' },
  { unit: 'ug/m3', times: '0.001', written: 'ng/m3' },
  { unit: 'kg/m3', written: 'kg/m3' },
  { unit: 'kg/m3', times: '0.001', written: 'g/m3 | mg/l | mg/L' },
  { unit: 'kg/m3', times: '0.000001', written: 'ug/l | ug/L' },
  { unit: 'kg/m3', times: '1', written: 'g/l | g/L' },
  { unit: 'ppm', written: 'ppm | PPM | parts per million | umol/mol' },
  { unit: 'ppb', written: 'ppb | PPB | parts per billion | nmol/mol' },
  { unit: 'pH', written: 'pH | ph | PH' },
  { unit: 'NTU', written: 'NTU | ntu' },
  { unit: 'Bq', written: 'Bq' },
  { unit: 'Sv', times: '0.000001', written: 'uSv' },
  { unit: 'Sv', times: '0.001', written: 'mSv' },
  // Ratios.
  {
    unit: '%',
    written:
      '% | percent | Percent | per cent | pct | Prozent | pour cent | pourcent | procent | por ciento | porcentaje | Vol% | Vol.-%',
  },
  {
    unit: '%RH',
    written:
      '%RH | % RH | %rH | % rH | RH% | RH % | %r.F. | % r.F. | %rF | % rF | %rel | % rel. | % relative humidity | % HR | %HR',
  },
  { unit: '%EL', written: '%EL' },
  { unit: '/1000', written: '‰ | /1000 | permille | Promille' },
  // Volume and flow.
  {
    unit: 'm3',
    written: 'm3 | cbm | cubic meter | cubic meters | cubic metre | cubic metres | Kubikmeter | mètres cubes',
  },
  { unit: 'l', written: 'l | L | liter | liters | litre | litres | Liter | litros | ltr | dm3' },
  { unit: 'l', times: '0.001', written: 'ml | mL | cm3 | cc' },
  { unit: 'l', times: '0.01', written: 'cl | cL' },
  { unit: 'l', times: '0.1', written: 'dl | dL' },
  { unit: 'l', times: '100', written: 'hl | hL' },
  { unit: 'm3', times: '1000000', written: 'hm3' },
  { unit: 'l', times: '3.785411784', written: 'US gal | gal (US) | gal US | gal(US) | US gallons | US gallon' },
  { unit: 'l', times: '4.54609', written: 'imp gal | gal (UK) | gal UK | UK gal | imperial gallons' },
  { unit: 'm3', times: '0.028316846592', written: 'ft3 | cu ft | cubic feet' },
  { unit: 'l/s', written: 'l/s | L/s | lps | L/sec | l/sec' },
  { unit: 'l/s', times: '1/60', written: 'l/min | L/min | lpm | LPM | l/mn' },
  { unit: 'l/s', times: '1/3600', written: 'l/h | L/h | l/hr | lph' },
  { unit: 'm3/s', written: 'm3/s | cumecs | m3 s-1' },
  { unit: 'm3/s', times: '1/60', written: 'm3/min' },
  { unit: 'm3/s', times: '1/3600', written: 'm3/h | m3/hr | cbm/h | m3 h-1' },
  { unit: 'm3/s', times: '0.028316846592', written: 'ft3/s | cfs' },
  { unit: 'm3/s', times: '0.028316846592/60', written: 'ft3/min | cfm | CFM' },
  // Mass.
  { unit: 'kg', written: 'kg | KG | Kg | kilo | kilos | kilogram | kilograms | Kilogramm | kilogramme' },
  { unit: 'g', written: 'g | gram | grams | gr | Gramm | gramme | gramos' },
  { unit: 'g', times: '0.001', written: 'mg' },
  { unit: 'kg', times: '1000', written: 't | tonne | tonnes | Tonne | Tonnen | tonnen | toneladas' },
  { unit: 'kg', times: '0.45359237', written: 'lb | lbs | pound | pounds' },
  { unit: 'g', times: '28.349523125', written: 'oz | ounce | ounces' },
  // Length, area and speed.
  { unit: 'm', written: 'm | meter | meters | metre | metres | Meter | mètre | mètres | metros | mtr' },
  { unit: 'mm', written: 'mm | millimeter | millimeters | millimetres | l/m2' },
  { unit: 'cm', written: 'cm | centimeter | centimeters | centimetres' },
  { unit: 'km', written: 'km | kilometer | kilometers | kilometres' },
  { unit: 'cm', times: '10', written: 'dm' },
  { unit: 'mm', times: '0.001', written: 'um | micron | microns' },
  { unit: 'mm', times: '25.4', written: 'in | inch | inches | "' },
  { unit: 'm', times: '0.3048', written: 'ft | feet | foot' },
  { unit: 'm', times: '0.9144', written: 'yd | yard | yards' },
  { unit: 'km', times: '1.609344', written: 'mi | mile | miles' },
  { unit: 'km', times: '1.852', written: 'nmi | NM | nautical miles' },
  { unit: 'm2', written: 'm2 | qm | sqm | square meters' },
  {
    unit: 'm/s',
    written: 'm/s | m/sec | mps | m s-1 | m·s-1 | ms-1 | metres/second | meters/second | meters per second',
  },
  { unit: 'km/h', written: 'km/h | kmh | kph | KPH | km/hr | kmph | km h-1' },
  { unit: 'm/s', times: '0.44704', written: 'mph | MPH | mi/h' },
  { unit: 'm/s', times: '1852/3600', written: 'kn | kt | kts | knot | knots | Knoten | nœuds' },
  { unit: 'm/s', times: '0.3048', written: 'ft/s' },
  { unit: 'm/s2', written: 'm/s2 | m s-2' },
  { unit: 'mm/h', written: 'mm/h | mm/hr | mm/hour' },
  { unit: 'mm/h', times: '25.4', written: 'in/h | in/hr' },
  { unit: 'N', written: 'N | newton | Newton' },
  { unit: 'N', times: '1000', written: 'kN' },
  // Light and sound. The weighting of dB(A) is kept in what is written.
  { unit: 'lx', written: 'lx | lux | Lux | LUX | lm/m2' },
  { unit: 'lx', times: '1000', written: 'klx | klux' },
  { unit: 'lm', written: 'lm | lumen | lumens' },
  { unit: 'cd', written: 'cd' },
  {
    unit: 'dB',
    written: 'dB | db | DB | dB(A) | dBA | dB A | dB(a) | dbA | dB(C) | dBC | dB SPL | decibel | Dezibel | décibel',
  },
  { unit: 'dBm', written: 'dBm | dbm | DBm' },
  { unit: 'dBW', written: 'dBW' },
  { unit: 'W/m2', times: '0.01', written: 'uW/cm2' },
  // Rates, counts, angles.
  { unit: '1/min', written: 'rpm | RPM | U/min | 1/min | /min | min-1 | tr/min | r/min | Upm | o/min' },
  { unit: 'beat/min', written: 'bpm | BPM | beats/min | beat/min | Schläge/min | battements/min' },
  { unit: 'count', written: 'count | counts | Stück | Stk | pcs' },
  { unit: 'rad', written: 'rad | radian | radians' },
  { unit: 'gon', written: 'gon' },
  { unit: 'deg', written: 'degrees angle | Winkelgrad | arc degrees | °N | °E' },
  // Time.
  {
    unit: 's',
    written: 's | sec | secs | second | seconds | Sek | Sekunde | Sekunden | secondes | segundos | seconden',
  },
  { unit: 'ms', written: 'ms | msec | millisecond | milliseconds' },
  { unit: 'ms', times: '0.001', written: 'us | usec' },
  { unit: 'min', written: 'min | mins | minute | minutes | Minute | Minuten | minutos | minuten' },
  { unit: 'h', written: 'h | hr | hrs | hour | hours | Stunde | Stunden | heures | horas | uren' },
  { unit: 'h', times: '24', written: 'd | day | days | Tag | Tage | jours | días | dagen' },
  // Data.
  { unit: 'bit', written: 'bit | bits' },
  { unit: 'bit/s', written: 'bit/s | bps' },
  { unit: 'bit/s', times: '1000', written: 'kbit/s | kbps | Kbps' },
  { unit: 'Mbit/s', written: 'Mbit/s | Mbps' },
  { unit: 'Mbit/s', times: '1000', written: 'Gbit/s | Gbps' },
  { unit: 'B', written: 'byte | bytes | Bytes' },
  { unit: 'B', times: '1000', written: 'kB' },
  { unit: 'B', times: '1000000', written: 'MB' },
  { unit: 'GB', written: 'GB' },
  { unit: 'KiB', written: 'KiB' },
  { unit: 'KiB', times: '1024', written: 'MiB' },
  { unit: 'KiB', times: '1048576', written: 'GiB' },
  { unit: 'B/s', written: 'B/s' },
  { unit: 'B/s', times: '1000', written: 'kB/s' },
  { unit: 'MB/s', written: 'MB/s' },
  // Known, and without a symbol.
  noSymbol('mmol/L | mmol/l | umol/L | umol/l | nmol/L | mol/L | mol/m3 | mol/l | umol/m2/s | umol m-2 s-1'),
  noSymbol('mg/dL | mg/dl | ug/dL | g/dL | g/dl | IU/L | U/L | mIU/L | mg/kg | g/kg | mg/g'),
  noSymbol(
    'gal | gals | gallon | gallons | gpm | GPM | gal/min | gph | MGD',
    'a gallon may be the US or the imperial one',
  ),
  noSymbol('BTU | Btu | btu | BTU/h | MMBtu | therm | therms | CCF | ccf', 'it has several definitions'),
  noSymbol(
    '°dH | °fH | °dh | FNU | FTU | PSU | psu | dS | °Bx | AQI | IAQ | UV index | UVI | dBuV | dBuV/m | asu | K/min | °C/min | °C/h',
  ),
  noSymbol('ppt', 'it may be parts per thousand or per trillion'),
  noSymbol('kcal | cal | Cal', 'a calorie has several definitions'),
  noSymbol('Nm | N·m | kNm | kNm2 | N/mm2 | Nm3 | Nm3/h | Sm3'),
  noSymbol('EUR | € | ct | USD | $ | GBP | £ | EUR/kWh | €/kWh | ct/kWh | EUR/MWh | €/MWh | p/kWh | $/kWh'),
  noSymbol(
    'kWh/m2 | Wh/m2 | kWh/m3 | J/cm2 | MJ/m2 | kWh/kWp | kWp | Wp | kWh/h | kWh/100km | g/kWh | gCO2/kWh | gCO2eq/kWh | kg CO2 | tCO2 | kgCO2',
  ),
  noSymbol('uSv/h | mSv/h | nSv/h | Bq/m3 | pCi/L | pCi/l | CPM | cpm | uGy/h'),
  noSymbol('V/m | mV/m | A/m2 | mT | uT | nT | mV/V | MOhm·cm | Mohm*cm | V/us'),
  noSymbol(
    'acre | acres | ha | ac ft | acre-ft | km2 | ft2 | sq ft | sqft | sq mi | vehicles/h | veh/h | Kfz/h | 1/h | /h | ppl | persons | people | pers',
  ),
];

/** Angle or temperature, by what is measured: `°`, `deg`, `Grad`. */
export const degrees: ReadonlySet<string> = new Set(
  '° deg Deg DEG degree degrees Degrees Grad grad degré degrés grado grados graden'.split(' '),
);
