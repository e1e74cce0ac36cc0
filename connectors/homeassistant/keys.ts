// Short forms of the keys in Home Assistant's MQTT discovery, those that are read here.
// https://www.home-assistant.io/integrations/mqtt/#supported-abbreviations-in-mqtt-discovery-messages

const long: Readonly<Record<string, string>> = {
  cmps: 'components',
  cns: 'connections',
  dev: 'device',
  dev_cla: 'device_class',
  ids: 'identifiers',
  mdl: 'model',
  mf: 'manufacturer',
  obj_id: 'object_id',
  p: 'platform',
  pl_off: 'payload_off',
  pl_on: 'payload_on',
  stat_t: 'state_topic',
  uniq_id: 'unique_id',
  unit_of_meas: 'unit_of_measurement',
  val_tpl: 'value_template',
};

/** The same with keys written out, two levels deep: of the message, of its device and of its components. */
export function longKeys(json: unknown, depth = 0): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || depth > 2) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      Object.hasOwn(long, key) ? long[key] : key,
      longKeys(value, depth + 1),
    ]),
  );
}
