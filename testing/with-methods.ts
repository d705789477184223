/** The same object with some of its methods replaced, for tests that watch or disturb what it does. */
export function withMethods<Target extends object>(object: Target, methods: Partial<Target>): Target {
  return new Proxy(object, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return methods[name as keyof Target];
      const value = target[name as keyof Target];
      // Private fields are found on the object itself alone.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
