// Load generator for the unsealed stack, a process of its own: the same readings as JSON, unsigned, QoS 1.
import { encodePublish, MqttSocket } from './mqtt-socket.ts';
import { plainMessages, type Workload } from './workload.ts';

export interface PlainLoad extends Workload {
  readonly port: number;
  readonly messagesInFlight: number;
}

const load = JSON.parse(process.argv[2] as string) as PlainLoad;
const lanes: { socket: MqttSocket; packets: Buffer[]; sent: number }[] = [];
for (let d = 0; d < load.devices; d++) {
  const packets = plainMessages(load, 'plain', d).map((message, m) => encodePublish(`plain/${d}`, message, m));
  lanes.push({ socket: await MqttSocket.open(load.port, `plain-${d}`), packets, sent: 0 });
}
process.on('message', () => {
  let left = lanes.reduce((sum, { packets }) => sum + packets.length, 0);
  for (const lane of lanes) {
    const sendNext = () => {
      const packet = lane.packets[lane.sent++];
      if (packet) lane.socket.send(packet);
    };
    lane.socket.onPuback = () => {
      sendNext();
      if (--left > 0) return;
      for (const { socket } of lanes) socket.close();
      process.disconnect();
    };
    for (let i = 0; i < load.messagesInFlight; i++) sendNext();
  }
});
process.send?.('ready');
