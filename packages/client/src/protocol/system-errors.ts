/** Go's words for what the system says no with; people and programs know them from Serf. */
const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
  EAFNOSUPPORT: 'address family not supported by protocol',
  ECONNABORTED: 'software caused connection abort',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  EINVAL: 'invalid argument',
  EMFILE: 'too many open files',
  ENETUNREACH: 'network is unreachable',
  ENFILE: 'too many open files in system',
  EPERM: 'operation not permitted',
  EPIPE: 'broken pipe',
  ETIMEDOUT: 'connection timed out',
};

/** The reason in an error of Node's, as Go would put it; Node's own message where there is no such word. */
export function systemErrorText(error: Error & { readonly code?: string }): string {
  return words[error.code ?? ''] ?? error.message;
}

/** Whether the name, not the connection, is what failed. */
export function isLookupError(error: Error & { readonly syscall?: string }): boolean {
  return error.syscall === 'getaddrinfo';
}
