// Addresses by their number in a subnet.

/**
 * The address with this number, and the subnet's prefix length: nthAddress('10.13.0.0/24', 7) is '10.13.0.7/24', and
 * nthAddress('fd13::/64', 26) is 'fd13::1a/64'. Of IPv6, only subnets that are written with `::` at their end.
 */
export function nthAddress(subnet: string, number: number): string {
  const [base = '', length] = subnet.split('/');
  if (base.endsWith('::')) return `${base}${number.toString(16)}/${length}`;
  const value = base.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0) + number;
  return `${[24, 16, 8, 0].map(bits => (value >>> bits) & 255).join('.')}/${length}`;
}
