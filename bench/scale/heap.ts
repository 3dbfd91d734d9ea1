/** Binary heap of numbers with the smallest number at the top. */
export class Heap {
  private readonly values: number[] = [];

  public get size(): number {
    return this.values.length;
  }

  /** Returns the smallest number, and keeps it in the heap. Returns undefined if the heap is empty. */
  public peek(): number | undefined {
    return this.values[0];
  }

  public push(value: number): void {
    const { values } = this;
    let index = values.length;
    values.push(value);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (values[parent]! <= value) {
        break;
      }
      values[index] = values[parent]!;
      index = parent;
    }
    values[index] = value;
  }

  /** Removes the smallest number. */
  public pop(): void {
    const { values } = this;
    const last = values.pop();
    if (last === undefined || values.length === 0) {
      return;
    }
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= values.length) {
        break;
      }
      if (child + 1 < values.length && values[child + 1]! < values[child]!) {
        child += 1;
      }
      if (values[child]! >= last) {
        break;
      }
      values[index] = values[child]!;
      index = child;
    }
    values[index] = last;
  }
}
