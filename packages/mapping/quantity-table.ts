// Quantities and who calls them what: name, SenML unit, and what it means (a quantity kind of QUDT, or the address of
// another vocabulary's term; - where none was found), then the names that each source has for it. Sources: exposes of
// Zigbee2MQTT, device classes of Home Assistant, SENSOR messages of Tasmota, components of Shelly Gen2, sensors of
// ESPHome, OBIS codes (IEC 62056-6-1; electricity, or with the medium 6, 7, 8 for heat, gas, water), points of SunSpec
// models 1xx, 2xx and 8xx, attributes of the Smart Data Models, and people's words.

const electricity = `
active-power [W] ActivePower
  zigbee2mqtt: power; homeassistant: power; tasmota: ENERGY.Power | Power;
  shelly: apower | act_power | total_act_power; esphome: power | active_power; obis: 16.7.0 | 15.7.0; sunspec: W;
  ngsi: activePower | totalActivePower;
  words: power | real power | Leistung | Wirkleistung | puissance | puissance active | potencia | potencia activa | vermogen | potenza
active-power-import [W] ActivePower
  obis: 1.7.0; words: power import | power_import | P+ | Bezugsleistung | power_delivered | grid import power
active-power-export [W] ActivePower
  obis: 2.7.0; words: power export | power_export | P- | Einspeiseleistung | power_returned | feed-in power
active-power-phase-1 [W] ActivePower
  zigbee2mqtt: power_phase_a | power_l1 | power_a; shelly: a_act_power; esphome: phase_a_power; obis: 36.7.0;
  sunspec: WphA | WPhA; words: power L1 | Leistung L1 | P1
active-power-phase-2 [W] ActivePower
  zigbee2mqtt: power_phase_b | power_l2 | power_b; shelly: b_act_power; esphome: phase_b_power; obis: 56.7.0;
  sunspec: WphB | WPhB; words: power L2 | Leistung L2 | P2
active-power-phase-3 [W] ActivePower
  zigbee2mqtt: power_phase_c | power_l3 | power_c; shelly: c_act_power; esphome: phase_c_power; obis: 76.7.0;
  sunspec: WphC | WPhC; words: power L3 | Leistung L3 | P3
reactive-power [var] ReactivePower
  zigbee2mqtt: power_reactive | reactive_power; homeassistant: reactive_power;
  tasmota: ENERGY.ReactivePower | ReactivePower; shelly: reactive_power; esphome: reactive_power; sunspec: VAr | VAR;
  ngsi: reactivePower | totalReactivePower;
  words: Blindleistung | puissance réactive | potencia reactiva | blindvermogen
reactive-power-import [var] ReactivePower
  obis: 3.7.0; words: Q+
reactive-power-export [var] ReactivePower
  obis: 4.7.0; words: Q-
apparent-power [VA] ApparentPower
  zigbee2mqtt: power_apparent | apparent_power; homeassistant: apparent_power;
  tasmota: ENERGY.ApparentPower | ApparentPower; shelly: aprt_power | aprtpower | total_aprt_power; esphome: apparent_power;
  obis: 9.7.0; sunspec: VA; ngsi: apparentPower | totalApparentPower;
  words: Scheinleistung | puissance apparente | potencia aparente | schijnbaar vermogen
power-factor [/] PowerFactor
  zigbee2mqtt: power_factor; homeassistant: power_factor; tasmota: ENERGY.Factor; shelly: pf; esphome: power_factor;
  obis: 13.7.0; sunspec: PF; ngsi: powerFactor;
  words: cos phi | cosφ | Leistungsfaktor | facteur de puissance | factor de potencia | arbeidsfactor
voltage [V] Voltage
  zigbee2mqtt: voltage; homeassistant: voltage; tasmota: ENERGY.Voltage | Voltage; shelly: voltage; esphome: voltage;
  obis: 12.7.0; sunspec: PhV | LNV; ngsi: voltage | phaseVoltage;
  words: Spannung | tension | tensión | voltaje | spanning | tensione
voltage-phase-1 [V] Voltage
  zigbee2mqtt: voltage_phase_a | voltage_l1 | voltage_a; shelly: a_voltage; esphome: phase_a_voltage; obis: 32.7.0;
  sunspec: PhVphA; words: voltage L1 | Spannung L1 | U1 | UL1
voltage-phase-2 [V] Voltage
  zigbee2mqtt: voltage_phase_b | voltage_l2 | voltage_b; shelly: b_voltage; esphome: phase_b_voltage; obis: 52.7.0;
  sunspec: PhVphB; words: voltage L2 | Spannung L2 | U2 | UL2
voltage-phase-3 [V] Voltage
  zigbee2mqtt: voltage_phase_c | voltage_l3 | voltage_c; shelly: c_voltage; esphome: phase_c_voltage; obis: 72.7.0;
  sunspec: PhVphC; words: voltage L3 | Spannung L3 | U3 | UL3
current [A] ElectricCurrent
  zigbee2mqtt: current; homeassistant: current; tasmota: ENERGY.Current | Current; shelly: current | total_current;
  esphome: current; obis: 11.7.0; sunspec: A; ngsi: current;
  words: Strom | Stromstärke | courant | intensité | corriente | intensidad | stroomsterkte | corrente
current-phase-1 [A] ElectricCurrent
  zigbee2mqtt: current_phase_a | current_l1 | current_a; shelly: a_current; esphome: phase_a_current; obis: 31.7.0;
  sunspec: AphA; words: current L1 | Strom L1 | I1 | IL1
current-phase-2 [A] ElectricCurrent
  zigbee2mqtt: current_phase_b | current_l2 | current_b; shelly: b_current; esphome: phase_b_current; obis: 51.7.0;
  sunspec: AphB; words: current L2 | Strom L2 | I2 | IL2
current-phase-3 [A] ElectricCurrent
  zigbee2mqtt: current_phase_c | current_l3 | current_c; shelly: c_current; esphome: phase_c_current; obis: 71.7.0;
  sunspec: AphC; words: current L3 | Strom L3 | I3 | IL3
current-neutral [A] ElectricCurrent
  zigbee2mqtt: current_neutral; shelly: n_current; obis: 91.7.0; words: neutral current | Neutralleiterstrom
frequency [Hz] Frequency
  zigbee2mqtt: ac_frequency | frequency; homeassistant: frequency; tasmota: ENERGY.Frequency | Frequency;
  shelly: freq; esphome: frequency; obis: 14.7.0; sunspec: Hz; ngsi: frequency;
  words: grid frequency | Frequenz | Netzfrequenz | fréquence | frecuencia | netfrequentie
active-energy [kWh] ActiveEnergy
  zigbee2mqtt: energy; homeassistant: energy; tasmota: ENERGY.Total; shelly: aenergy.total;
  esphome: energy | total_energy; obis: 15.8.0; sunspec: WH; words: Energie | Wirkarbeit | énergie | energía | energia
active-energy-import [kWh] ActiveEnergy
  zigbee2mqtt: consumed_energy | energy_consumed; shelly: total_act | total_act_energy;
  esphome: forward_active_energy | import_active_energy; obis: 1.8.0; sunspec: TotWhImp;
  ngsi: totalActiveEnergyImport;
  words: A+ | +A | energy import | import energy | Bezug | Netzbezug | soutirage | afname | energy_delivered | grid consumption
active-energy-export [kWh] ActiveEnergy
  zigbee2mqtt: produced_energy | energy_produced; tasmota: ENERGY.ExportActive | ExportActive;
  shelly: total_act_ret | total_act_ret_energy | ret_aenergy.total;
  esphome: reverse_active_energy | export_active_energy; obis: 2.8.0; sunspec: TotWhExp;
  ngsi: totalActiveEnergyExport;
  words: A- | -A | energy export | export energy | Einspeisung | Netzeinspeisung | injection | vertido | teruglevering | energy_returned | feed-in
active-energy-import-tariff-1 [kWh] ActiveEnergy
  zigbee2mqtt: energy_tier_1 | current_tier1_summ_delivered; obis: 1.8.1;
  words: Bezug HT | energy_delivered_tariff1 | heures pleines | HCHP
active-energy-import-tariff-2 [kWh] ActiveEnergy
  zigbee2mqtt: energy_tier_2 | current_tier2_summ_delivered; obis: 1.8.2;
  words: Bezug NT | energy_delivered_tariff2 | heures creuses | HCHC
active-energy-export-tariff-1 [kWh] ActiveEnergy
  obis: 2.8.1; words: energy_returned_tariff1 | Einspeisung HT
active-energy-export-tariff-2 [kWh] ActiveEnergy
  obis: 2.8.2; words: energy_returned_tariff2 | Einspeisung NT
active-energy-today [kWh] ActiveEnergy
  zigbee2mqtt: energy_today; tasmota: ENERGY.Today; esphome: total_daily_energy;
  words: energy today | daily energy | Tagesertrag | Tagesverbrauch
active-energy-yesterday [kWh] ActiveEnergy
  zigbee2mqtt: energy_yesterday; tasmota: ENERGY.Yesterday; words: energy yesterday
reactive-energy-import [kvarh] ReactiveEnergy
  homeassistant: reactive_energy; esphome: import_reactive_energy; obis: 3.8.0; sunspec: TotVArhImpQ1;
  ngsi: totalReactiveEnergyImport; words: R+ | reactive energy | Blindarbeit Bezug
reactive-energy-export [kvarh] ReactiveEnergy
  tasmota: ENERGY.ExportReactive | ExportReactive; esphome: export_reactive_energy; obis: 4.8.0;
  sunspec: TotVArhExpQ4; ngsi: totalReactiveEnergyExport; words: R- | Blindarbeit Lieferung
apparent-energy [kVAh] ApparentEnergy
  obis: 9.8.0; sunspec: TotVAhImp; ngsi: totalApparentEnergyImport; words: Scheinarbeit | apparent energy
dc-power [W] Power
  sunspec: DCW; words: PV power | solar power | DC power | PV-Leistung | Ppv | puissance solaire
dc-voltage [V] Voltage
  sunspec: DCV; words: PV voltage | DC voltage | Upv | Vpv
dc-current [A] ElectricCurrent
  sunspec: DCA; words: PV current | DC current | Ipv
phase-angle [deg] PhaseDifference
  esphome: phase_angle; obis: 81.7.4; words: phase angle | Phasenwinkel
`;

const batteries = `
battery-level [%EL] StateOfCharge
  zigbee2mqtt: battery; homeassistant: battery; tasmota: Battery | BatteryPercentage;
  shelly: battery.percent | devicepower.battery.percent; esphome: battery_level; ngsi: batteryLevel;
  words: battery | battery percentage | Akkustand | Batterie | batterie | batería
battery-voltage [V] Voltage
  zigbee2mqtt: battery_voltage; shelly: battery.V; esphome: battery_voltage; sunspec: InBatV;
  words: Vbat | battery voltage | Batteriespannung | tension batterie
state-of-charge [%] StateOfCharge
  sunspec: SoC | ChaState; ngsi: stateOfCharge;
  words: SoC | state of charge | Ladezustand | état de charge | estado de carga
state-of-health [%] Ratio
  sunspec: SoH; words: SoH | state of health
stored-energy [kWh] ElectricEnergy
  homeassistant: energy_storage; words: stored energy | gespeicherte Energie
`;

const weather = `
temperature [Cel] Temperature
  zigbee2mqtt: temperature | local_temperature; homeassistant: temperature; tasmota: Temperature;
  shelly: tC | temperature.tC; esphome: temperature | ambient_temperature; ngsi: temperature;
  words: temp | air temperature | Temperatur | Lufttemperatur | température | temperatura | temperatuur
device-temperature [Cel] Temperature
  zigbee2mqtt: device_temperature | cpu_temperature; tasmota: ESP32.Temperature; esphome: internal_temperature;
  sunspec: TmpCab; words: cabinet temperature | Gerätetemperatur
dew-point [Cel] DewPointTemperature
  zigbee2mqtt: dew_point; tasmota: DewPoint; esphome: dew_point; ngsi: dewPoint;
  words: dew point | Taupunkt | point de rosée | punto de rocío | dauwpunt
soil-temperature [Cel] Temperature
  zigbee2mqtt: soil_temperature; ngsi: soilTemperature; words: soil temperature | Bodentemperatur | température du sol
water-temperature [Cel] Temperature
  zigbee2mqtt: water_temperature; words: water temperature | Wassertemperatur | température de l’eau
flow-temperature [Cel] Temperature
  words: flow temperature | supply temperature | Vorlauf | Vorlauftemperatur | température de départ | aanvoertemperatuur
return-temperature [Cel] Temperature
  words: return temperature | Rücklauf | Rücklauftemperatur | température de retour | retourtemperatuur
relative-humidity [%RH] RelativeHumidity
  zigbee2mqtt: humidity; homeassistant: humidity; tasmota: Humidity; shelly: rh | humidity.rh; esphome: humidity;
  ngsi: relativeHumidity;
  words: humidity | RH | rel. humidity | Luftfeuchte | Luftfeuchtigkeit | relative Feuchte | humidité | humedad | vochtigheid | umidità
absolute-humidity [kg/m3] AbsoluteHumidity
  homeassistant: absolute_humidity; esphome: absolute_humidity; words: absolute humidity | absolute Feuchte
soil-moisture [%] https://smartdatamodels.org/dataModel.Agrifood/soilMoistureVwc
  zigbee2mqtt: soil_moisture; homeassistant: moisture; esphome: soil_moisture | moisture; ngsi: soilMoistureVwc;
  words: soil moisture | Bodenfeuchte | humidité du sol | humedad del suelo | bodemvocht
atmospheric-pressure [hPa] AtmosphericPressure
  zigbee2mqtt: pressure; homeassistant: atmospheric_pressure; tasmota: Pressure | SeaPressure;
  esphome: barometric_pressure; ngsi: atmosphericPressure;
  words: barometer | air pressure | Luftdruck | pression atmosphérique | presión atmosférica | luchtdruk
pressure [Pa] Pressure
  homeassistant: pressure; words: water pressure | Druck | pression | presión | druk
wind-speed [m/s] Speed
  zigbee2mqtt: wind_speed; homeassistant: wind_speed; esphome: wind_speed; ngsi: windSpeed;
  words: wind speed | Windgeschwindigkeit | vitesse du vent | velocidad del viento | windsnelheid
wind-gust [m/s] Speed
  ngsi: gustSpeed; words: gust | wind gust | Böe | Windböe | rafale | racha
wind-direction [deg] PlaneAngle
  zigbee2mqtt: wind_direction; homeassistant: wind_direction; esphome: wind_direction; ngsi: windDirection;
  words: wind direction | wind bearing | Windrichtung | direction du vent | dirección del viento | windrichting
precipitation [mm] https://smartdatamodels.org/dataModel.Weather/precipitation
  zigbee2mqtt: rain | precipitation; homeassistant: precipitation; esphome: rainfall; ngsi: precipitation;
  words: rain | rainfall | Regen | Niederschlag | pluie | précipitations | lluvia | neerslag
rain-rate [mm/h] -
  zigbee2mqtt: rain_intensity; homeassistant: precipitation_intensity;
  words: rain rate | Regenrate | Niederschlagsintensität
illuminance [lx] Illuminance
  zigbee2mqtt: illuminance | illuminance_lux; homeassistant: illuminance; tasmota: Illuminance;
  shelly: lux | illuminance.lux; esphome: illuminance; ngsi: illuminance;
  words: lux | brightness | Beleuchtungsstärke | Helligkeit | éclairement | iluminancia | verlichtingssterkte
irradiance [W/m2] Irradiance
  homeassistant: irradiance; esphome: solar_radiation; ngsi: solarRadiation;
  words: solar radiation | GHI | Globalstrahlung | Solarstrahlung | rayonnement solaire | radiación solar | zonnestraling
uv-index [] https://smartdatamodels.org/dataModel.Weather/uVIndexMax
  zigbee2mqtt: uv_index; tasmota: UvIndex; esphome: uv_index; ngsi: uVIndexMax; words: UV | UVI | UV index | indice UV
visibility [m] Distance
  ngsi: visibility; words: Sichtweite | visibilité
snow-height [cm] Height
  ngsi: snowHeight; words: snow depth | Schneehöhe | hauteur de neige
`;

const air = `
co2 [ppm] MoleFraction
  zigbee2mqtt: co2; homeassistant: carbon_dioxide; tasmota: CarbonDioxide | CO2; esphome: co2; ngsi: co2;
  words: carbon dioxide | Kohlendioxid | CO₂ | dioxyde de carbone | dióxido de carbono
eco2 [ppm] MoleFraction
  zigbee2mqtt: eco2; tasmota: eCO2; esphome: eco2 | co2_equivalent; words: equivalent CO2 | CO2eq
co [ppm] MoleFraction
  zigbee2mqtt: co | carbon_monoxide_level; homeassistant: carbon_monoxide; esphome: carbon_monoxide; ngsi: co;
  words: carbon monoxide | Kohlenmonoxid | monoxyde de carbone
no [ug/m3] MassConcentration
  homeassistant: nitrogen_monoxide; ngsi: no; words: nitrogen monoxide | Stickstoffmonoxid | monoxyde d’azote
no2 [ug/m3] MassConcentration
  zigbee2mqtt: no2; homeassistant: nitrogen_dioxide; esphome: nitrogen_dioxide; ngsi: no2;
  words: nitrogen dioxide | Stickstoffdioxid | NO₂ | dioxyde d’azote | dióxido de nitrógeno
nox [ug/m3] MassConcentration
  ngsi: nox; words: nitrogen oxides | Stickoxide
o3 [ug/m3] MassConcentration
  homeassistant: ozone; ngsi: o3; words: ozone | Ozon | O₃ | ozono
so2 [ug/m3] MassConcentration
  homeassistant: sulphur_dioxide; ngsi: so2; words: sulphur dioxide | sulfur dioxide | Schwefeldioxid | SO₂
pm1 [ug/m3] MassConcentration
  zigbee2mqtt: pm1; homeassistant: pm1; tasmota: PM1; esphome: pm_1_0; ngsi: pm1; words: PM1.0 | PM 1
pm2.5 [ug/m3] MassConcentration
  zigbee2mqtt: pm25; homeassistant: pm25; tasmota: PM2.5; esphome: pm_2_5; ngsi: pm25;
  words: PM2,5 | PM 2.5 | PM₂.₅ | fine particles | Feinstaub | particules fines
pm4 [ug/m3] MassConcentration
  zigbee2mqtt: pm4; homeassistant: pm4; tasmota: PM4; esphome: pm_4_0; words: PM4.0 | PM 4
pm10 [ug/m3] MassConcentration
  zigbee2mqtt: pm10; homeassistant: pm10; tasmota: PM10; esphome: pm_10_0; ngsi: pm10; words: PM 10 | PM₁₀
voc [ug/m3] MassConcentration
  zigbee2mqtt: voc; homeassistant: volatile_organic_compounds; words: VOC | flüchtige organische Verbindungen
voc-ratio [ppb] MoleFraction
  zigbee2mqtt: voc_parts; homeassistant: volatile_organic_compounds_parts; tasmota: TVOC; esphome: tvoc;
  words: TVOC | VOC
voc-index [] Dimensionless
  zigbee2mqtt: voc_index; esphome: voc_index; words: VOC index
formaldehyde [ug/m3] MassConcentration
  zigbee2mqtt: formaldehyd | hcho; esphome: formaldehyde; words: HCHO | CH2O | formaldehyde | Formaldehyd
air-quality-index [] https://smartdatamodels.org/dataModel.Environment/airQualityIndex
  zigbee2mqtt: aqi; homeassistant: aqi; ngsi: airQualityIndex;
  words: AQI | air quality index | Luftqualitätsindex | IAQ
sound-level [dB] SoundPressureLevel
  zigbee2mqtt: noise; homeassistant: sound_pressure; ngsi: LAeq;
  words: noise | LAeq | Leq | Lärm | Schallpegel | bruit | ruido | geluid
sound-level-max [dB] SoundPressureLevel
  ngsi: LAmax; words: LAmax | Lmax
radon [] Activity
  zigbee2mqtt: radon; esphome: radon; words: Rn-222
`;

const waterAndHeat = `
water-volume [m3] Volume
  zigbee2mqtt: water_consumed; homeassistant: water; obis: 8-0:1.0.0 | 8-1:1.0.0; ngsi: waterConsumption;
  words: water meter | Wasser | Kaltwasser | Wasserzähler | eau | agua | waterverbruik
gas-volume [m3] Volume
  zigbee2mqtt: gas_consumed; homeassistant: gas; obis: 7-0:3.0.0 | 7-1:3.0.0;
  words: gas meter | Gaszähler | Gasverbrauch | gaz | gas_delivered | gasverbruik
heat-energy [kWh] ThermalEnergy
  obis: 6-0:1.0.0 | 6-1:1.0.0; words: heat energy | Wärme | Wärmemenge | chaleur | calor | warmte
heat-power [W] ThermalPower
  obis: 6-0:8.0.0; words: thermal power | Wärmeleistung | Heizleistung | puissance thermique
flow-rate [m3/s] VolumeFlowRate
  zigbee2mqtt: flow; homeassistant: volume_flow_rate; obis: 6-0:9.0.0; ngsi: flow;
  words: flow | flow rate | discharge | Durchfluss | Abfluss | débit | caudal | debiet
water-level [m] Height
  zigbee2mqtt: liquid_depth | water_level; ngsi: currentLevel;
  words: water level | Pegel | Wasserstand | niveau d’eau | nivel del agua | waterstand
fill-level [%] Ratio
  zigbee2mqtt: liquid_level_percent; ngsi: fillingLevel;
  words: fill level | Füllstand | niveau de remplissage | nivel de llenado | vulgraad
ph [pH] Acidity
  zigbee2mqtt: ph; homeassistant: ph; esphome: ph; ngsi: pH; words: pH value | pH-Wert
conductivity [S/m] ElectricConductivity
  zigbee2mqtt: ec; homeassistant: conductivity; esphome: conductivity; ngsi: conductivity;
  words: EC | Leitfähigkeit | conductivité | conductividad | geleidbaarheid
turbidity [NTU] Turbidity
  ngsi: turbidity; words: Trübung | turbidité | turbidez | troebelheid
dissolved-oxygen [kg/m3] -
  ngsi: O2; words: dissolved oxygen | Sauerstoffgehalt | oxygène dissous
`;

const placesAndDevices = `
occupancy [] https://saref.etsi.org/core/Occupancy
  zigbee2mqtt: occupancy; homeassistant: occupancy; words: occupied | belegt | occupation | ocupación | bezetting
presence [] -
  zigbee2mqtt: presence; homeassistant: presence; words: Anwesenheit | présence | presencia | aanwezigheid
motion [] https://saref.etsi.org/core/Motion
  homeassistant: motion; words: movement | Bewegung | mouvement | movimiento | beweging
contact [] -
  zigbee2mqtt: contact; words: door contact | Türkontakt
people-count [count] Count
  zigbee2mqtt: people; ngsi: peopleCount; words: people | persons | Personen | personnes | personas
vehicle-count [count] Count
  ngsi: intensity; words: vehicles | traffic count | Fahrzeuge | Kfz | véhicules | vehículos
vehicle-speed [km/h] Speed
  ngsi: averageVehicleSpeed; words: average speed | Durchschnittsgeschwindigkeit | vitesse moyenne
free-spaces [count] Count
  ngsi: availableSpotNumber; words: free spaces | available spaces | freie Plätze | places libres | plazas libres
speed [m/s] Speed
  homeassistant: speed; words: velocity | Geschwindigkeit | vitesse | velocidad | snelheid
distance [m] Distance
  zigbee2mqtt: target_distance | distance; homeassistant: distance; tasmota: Distance; esphome: distance;
  words: Abstand | Entfernung | distancia | afstand
mass [kg] Mass
  homeassistant: weight; tasmota: Weight; words: weight | mass | Gewicht | Masse | poids | peso
latitude [lat] http://www.w3.org/2003/01/geo/wgs84_pos#lat
  words: lat | latitude | Breitengrad | latitud | breedtegraad
longitude [lon] http://www.w3.org/2003/01/geo/wgs84_pos#long
  words: lon | lng | longitude | Längengrad | longitud | lengtegraad
altitude [m] Altitude
  words: alt | altitude | elevation | Höhe über NN
signal-strength [dBm] SignalStrength
  homeassistant: signal_strength; tasmota: Wifi.Signal | Signal; shelly: wifi.rssi | rssi; esphome: wifi_signal;
  ngsi: rssi; words: RSSI | signal strength | Signalstärke
signal-to-noise [dB] Ratio
  words: SNR | lora_snr | loRaSNR
link-quality [] Dimensionless
  zigbee2mqtt: linkquality; words: LQI | link quality
uptime [s] Time
  tasmota: UptimeSec; shelly: sys.uptime; esphome: uptime; words: Laufzeit
duration [s] Time
  homeassistant: duration; words: Dauer | durée | duración | duur
rotational-speed [1/min] RotationalFrequency
  words: rpm | rotational speed | Drehzahl | vitesse de rotation | toerental
state [] -
  zigbee2mqtt: state; tasmota: POWER; ngsi: deviceState; words: state | Zustand | état | estado
`;

export interface QuantityRow {
  readonly name: string;
  /** SenML unit that it is best given in; '' for none. */
  readonly unit: string;
  /** Address of what it means. */
  readonly iri?: string;
  /** Names by source. */
  readonly known: Readonly<Record<string, readonly string[]>>;
}

const QUDT = 'http://qudt.org/vocab/quantitykind/';

/** Reads the lines above: a line that is not indented begins a quantity. */
function rowsOf(table: string): QuantityRow[] {
  return table
    .trim()
    .split(/\n(?! )/)
    .map((entry) => {
      const [head = '', ...lines] = entry.split('\n');
      const [, name, unit, meaning] = /^(\S+) \[(.*)\] (\S+)$/.exec(head) ?? [];
      if (name === undefined || unit === undefined || meaning === undefined)
        throw new RangeError(`No quantity: ${head}`);
      const iri = meaning === '-' ? undefined : meaning.includes(':') ? meaning : `${QUDT}${meaning}`;
      return { name, unit, ...(iri !== undefined && { iri }), known: knownBy(lines.join(' ')) };
    });
}

function knownBy(text: string): Record<string, string[]> {
  const sources = text.split(';').map((part) => part.trim());
  return Object.fromEntries(
    sources
      .filter((part) => part !== '')
      .map((part) => {
        const colon = part.indexOf(': ');
        return [part.slice(0, colon), part.slice(colon + 2).split(' | ')];
      }),
  );
}

export const quantities: readonly QuantityRow[] = [
  ...rowsOf(electricity),
  ...rowsOf(batteries),
  ...rowsOf(weather),
  ...rowsOf(air),
  ...rowsOf(waterAndHeat),
  ...rowsOf(placesAndDevices),
];
