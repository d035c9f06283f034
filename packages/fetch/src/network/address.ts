/** Which IP addresses belong to the public internet. Source: the IANA special-purpose registries (RFC 6890 and its updates). */
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net"

const special = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // carrier-grade NAT, and Alibaba's metadata service
  ["127.0.0.0", 8], // loopback
  ["168.63.129.16", 32], // Azure's host, a public number that only answers inside
  ["169.254.0.0", 16], // link-local, and the metadata services of clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // 6to4 relays
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, broadcast
] as const)
  special.addSubnet(network, prefix, "ipv4")

const global = new BlockList()
global.addSubnet("2000::", 3, "ipv6")
for (const [network, prefix] of [
  ["2001::", 23], // protocol assignments: Teredo, ORCHID, benchmarks
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4: carries any IPv4 address, and nobody serves files there
  ["3fff::", 20], // documentation
] as const)
  special.addSubnet(network, prefix, "ipv6")

/** The IPv4 address inside an IPv4-mapped (::ffff:0:0/96) or NAT64 (64:ff9b::/96) one. Behind DNS64 every IPv4 site looks like the latter. */
const embedded = (address: string): string | undefined => {
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1)
  const words = canonical?.match(/^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/)
  if (words === null || words === undefined) return undefined
  return words
    .slice(1)
    .flatMap((word) => {
      const value = Number.parseInt(word, 16)
      return [value >> 8, value & 255]
    })
    .join(".")
}

/** True for a unicast address of the public internet, written as IPv4 or IPv6 text; false for all else, text that is no address included. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !special.check(address, "ipv4")
  if (!isIPv6(address) || isIP(address) === 0) return false
  const inner = embedded(address)
  if (inner !== undefined) return isPublicAddress(inner)
  return global.check(address, "ipv6") && !special.check(address, "ipv6")
}
