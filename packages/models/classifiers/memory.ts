// The labelled rows a learner remembers: a bounded number, the oldest of the commonest class forgotten first, so that a
// rare class is not washed away by a common one.

/** Fixed space for rows; every array is part of the learner's state. */
export class Memory {
  readonly rows: Float64Array;
  readonly labels: Uint8Array;
  /** Serial number of each row from 1, the newest the greatest; 0: nothing there. */
  readonly serials: Float64Array;
  readonly #features: number;
  readonly #classes: number;

  constructor(capacity: number, features: number, classes: number) {
    this.rows = new Float64Array(capacity * features);
    this.labels = new Uint8Array(capacity);
    this.serials = new Float64Array(capacity);
    this.#features = features;
    this.#classes = classes;
  }

  /** Remembers a row. @param serial greater than all before */
  add(row: Float64Array, label: number, serial: number): void {
    const place = this.#place();
    this.rows.set(row, place * this.#features);
    this.labels[place] = label;
    this.serials[place] = serial;
  }

  /** Free space, or that of the oldest row of the class that has the most rows. */
  #place(): number {
    const free = this.serials.indexOf(0);
    if (free >= 0) return free;
    const counts = new Uint32Array(this.#classes);
    for (const label of this.labels) counts[label]!++;
    const commonest = counts.indexOf(counts.reduce((a, b) => Math.max(a, b)));
    let oldest = -1;
    for (let i = 0; i < this.serials.length; i++)
      if (this.labels[i] === commonest && (oldest < 0 || this.serials[i]! < this.serials[oldest]!)) oldest = i;
    return oldest;
  }

  /** What is remembered, oldest first. */
  contents(): { rows: Float64Array[]; labels: Uint8Array } {
    const order = Array.from(this.serials.keys())
      .filter((i) => this.serials[i]! > 0)
      .sort((a, b) => this.serials[a]! - this.serials[b]!);
    return {
      rows: order.map((i) => this.rows.subarray(i * this.#features, (i + 1) * this.#features)),
      labels: Uint8Array.from(order, (i) => this.labels[i]!),
    };
  }
}
