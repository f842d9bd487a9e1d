// A file that only the host has: what an attack is after.
export const secretFile = '/root/secret';
