type Listener<T> = (value: T) => unknown;

/**
 * Listeners by type. One that throws, or returns a promise that rejects, is reported; the others are called all the same
 * and the caller never notices.
 */
export class Listeners<Events extends object> {
  readonly #byType = new Map<keyof Events, Set<Listener<never>>>();
  readonly #failed: (type: keyof Events, error: unknown) => void;

  constructor(failed: (type: keyof Events, error: unknown) => void) {
    this.#failed = failed;
  }

  add<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): void {
    const listeners = this.#byType.get(type) ?? new Set();
    listeners.add(listener);
    this.#byType.set(type, listeners);
  }

  remove<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): void {
    this.#byType.get(type)?.delete(listener);
  }

  has(type: keyof Events): boolean {
    return (this.#byType.get(type)?.size ?? 0) > 0;
  }

  call<Type extends keyof Events>(type: Type, value: Events[Type]): void {
    // `add` put only listeners of this type under it.
    const listeners = this.#byType.get(type) as Set<Listener<Events[Type]>> | undefined;
    if (listeners === undefined) return;
    for (const listener of [...listeners]) {
      try {
        const result = listener(value);
        if (result instanceof Promise) result.catch((error) => this.#failed(type, error));
      } catch (error) {
        this.#failed(type, error);
      }
    }
  }
}
