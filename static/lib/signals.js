/** Values that tell who reads them. An effect runs again when a signal that it read has changed. */
let reader = null;

/** `{value}`: reading inside an effect subscribes it, writing another value runs the subscribers. */
export function signal(value) {
  const readers = new Set();
  return {
    get value() {
      if (reader) {
        readers.add(reader);
        reader.sources.add(readers);
      }
      return value;
    },
    set value(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const each of [...readers]) each.run();
    },
    /** The value without subscribing. */
    peek: () => value,
  };
}

/** Runs now and after every change of what it read; returns a function that ends it. */
export function effect(body) {
  const self = {
    sources: new Set(),
    run() {
      stop();
      const outer = reader;
      reader = self;
      try {
        body();
      } finally {
        reader = outer;
      }
    },
  };
  function stop() {
    for (const readers of self.sources) readers.delete(self);
    self.sources.clear();
  }
  self.run();
  return stop;
}
