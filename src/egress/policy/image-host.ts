const hostPattern =
  /^(?=.{1,255}$)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::(\d{1,5}))?$/;

/** Whether a text is a host in small letters, with or without a port. */
export function isHostAndPort(text: string): boolean {
  const match = hostPattern.exec(text);
  const port = Number(match?.[1] ?? 443);
  return match !== null && port >= 1 && port <= 65_535;
}

/** Whether a text is the host of image names, such as `docker.io` or `registry.example.org:5000`, in the one form that runtimes compare. */
export function isImageHost(text: string): boolean {
  // Without one of these, a name is one of Docker Hub.
  return isHostAndPort(text) && /[.:]|^localhost$/.test(text);
}
