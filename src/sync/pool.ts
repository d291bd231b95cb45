/** Work that several workers can do at once. Only the pool calls these methods. */
export interface Task {
  /** Begins a piece of work that can be done now; undefined if there is none. A rejection ends the run of the pool. */
  readonly begin: () => Promise<void> | undefined;
  /** Called once, when no piece is under way and none can be begun. */
  readonly end: () => Promise<void>;
}

/**
 * Shares a number of workers among tasks. Each task gets one before any gets a second, and further workers go to the
 * task with the fewest. A worker holds the page that it works on, so the number of workers bounds both requests in
 * flight and memory.
 */
export class Pool {
  #free: number;
  readonly #busy = new Map<Task, number>();
  #failure: { readonly reason: unknown } | undefined;
  #finish: () => void = () => {};

  constructor(size: number) {
    this.#free = size;
  }

  /** Does all tasks. Rejects with the first rejection of a piece of work, once all that was under way has ended. */
  async run(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) this.#busy.set(task, 0);
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    this.offer();
    await finished;
    if (this.#failure) throw this.#failure.reason;
  }

  /** Tells the pool that a task may have work that it did not have before. */
  offer(): void {
    while (this.#free > 0 && !this.#failure) {
      const task = this.#neediest().find((each) => this.#isBegun(each));
      if (!task) break;
    }
    if (this.#workers() === 0 && (this.#failure || this.#busy.size === 0)) this.#finish();
  }

  #neediest(): readonly Task[] {
    return [...this.#busy].sort(([, a], [, b]) => a - b).map(([task]) => task);
  }

  #isBegun(task: Task): boolean {
    const work = task.begin();
    if (work) this.#follow(task, work);
    else if (this.#busy.get(task) === 0) this.#follow(task, this.#end(task));
    else return false;
    return true;
  }

  async #end(task: Task): Promise<void> {
    await task.end();
    this.#busy.delete(task);
  }

  #follow(task: Task, work: Promise<void>): void {
    this.#count(task, 1);
    work
      .catch((reason: unknown) => {
        this.#failure ??= { reason };
      })
      .finally(() => {
        this.#count(task, -1);
        this.offer();
      });
  }

  #count(task: Task, step: 1 | -1): void {
    this.#free -= step;
    const busy = this.#busy.get(task);
    if (busy !== undefined) this.#busy.set(task, busy + step);
  }

  #workers(): number {
    return [...this.#busy.values()].reduce((sum, busy) => sum + busy, 0);
  }
}
