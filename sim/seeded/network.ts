// A network that loses, doubles, delays and reorders what is sent over it.
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { Hardware } from './hardware.ts';
import type { Step } from './table.ts';

const DELAY_MS_MAX = 400;
const LATE_MS = 2_000;
/** Of a message that comes twice, the second leads through these again. */
const AGAIN: readonly Step[] = ['accept', 'verify', 'sequence'];

/** Where messages come to, or come from. */
type Place = Pick<Hardware, 'faults' | 'crashAt' | 'setClock'> & { readonly isDown: boolean };

export class Network {
  /** How often a message is lost, and how often it comes twice. 0: a good network. */
  lost = 0.1;
  doubled = 0.07;
  late = 0.05;
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #machine: Place;

  constructor(time: VirtualTime, chance: Chance, machine: Place) {
    this.#time = time;
    this.#chance = chance;
    this.#machine = machine;
  }

  /** From now on everything arrives, once and in time. */
  mend(): void {
    Object.assign(this, { lost: 0, doubled: 0, late: 0 });
  }

  /** Carries a message: it arrives once, several times, later than others sent after it, or never. @param step it comes to, or is of */
  carry(step: 'accept' | 'acknowledge' | 'follow' | 'cosign', arrives: () => void): void {
    const { faults } = this.#machine;
    const steps = [step];
    const met = faults.meet(steps, ['lost', 'doubled', 'late', 'crash', 'clock']);
    const chance = this.#chance;
    const isLost = met === 'lost' || chance.happens(this.lost);
    const isDoubled = met === 'doubled' || chance.happens(this.doubled);
    const isLate = met === 'late' || chance.happens(this.late);
    if (isLost) faults.count('lost', steps);
    if (isDoubled && !isLost) faults.count('doubled', step === 'accept' ? AGAIN : steps);
    if (isLate && !isLost) faults.count('late', steps);
    const once = (ms: number, befalls?: () => void) =>
      this.#time.after(ms + 1 + chance.below(DELAY_MS_MAX), () => {
        befalls?.();
        arrives();
      });
    const befalls = () => {
      // All may be well by the time that it arrives.
      if (faults.isOver) return;
      if (met === 'crash' && !this.#machine.isDown) this.#machine.crashAt(steps);
      if (met === 'clock') this.#machine.setClock(steps);
    };
    if (!isLost) once(isLate ? LATE_MS + chance.below(LATE_MS) : 0, befalls);
    if (isDoubled) once(0);
  }
}
