/** What the operating system says, in the words that operators of Serf know and search for. */
const wordsByCode: ReadonlyMap<string, string> = new Map([
  ['E2BIG', 'argument list too long'],
  ['EACCES', 'permission denied'],
  ['EADDRINUSE', 'address already in use'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
  ['EAFNOSUPPORT', 'address family not supported by protocol'],
  ['EAGAIN', 'resource temporarily unavailable'],
  ['EBUSY', 'device or resource busy'],
  ['ECANCELED', 'operation was canceled'],
  ['ECONNABORTED', 'software caused connection abort'],
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'connection reset by peer'],
  ['EDQUOT', 'disk quota exceeded'],
  ['EFBIG', 'file too large'],
  ['EHOSTDOWN', 'host is down'],
  ['EHOSTUNREACH', 'no route to host'],
  ['EINVAL', 'invalid argument'],
  ['EIO', 'input/output error'],
  ['EISDIR', 'is a directory'],
  ['EMFILE', 'too many open files'],
  ['EMSGSIZE', 'message too long'],
  ['ENETDOWN', 'network is down'],
  ['ENETUNREACH', 'network is unreachable'],
  ['ENFILE', 'too many open files in system'],
  ['ENOBUFS', 'no buffer space available'],
  ['ENOENT', 'no such file or directory'],
  ['ENOEXEC', 'exec format error'],
  ['ENOMEM', 'cannot allocate memory'],
  ['ENOSPC', 'no space left on device'],
  ['ENOTDIR', 'not a directory'],
  ['EPERM', 'operation not permitted'],
  ['EPIPE', 'broken pipe'],
  ['EROFS', 'read-only file system'],
  ['ETIMEDOUT', 'connection timed out'],
]);

/** The `code` of a Node system error, or `undefined`. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A system error in words, without address or system call; any other error's own message. */
export function systemErrorText(error: unknown): string {
  const words = wordsByCode.get(errorCode(error) ?? '');
  if (words !== undefined) return words;
  return error instanceof Error ? error.message : String(error);
}
