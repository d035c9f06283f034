import { assert, describe, it } from "@effect/vitest"
import { isPublicAddress } from "../src/network/address.ts"
import { hostRule, refuseHost } from "../src/network/guard.ts"
import { parseUrl } from "../src/network/url.ts"

const nobody = hostRule([])
const refused = (address: string, rule = nobody) => {
  const url = parseUrl(address)
  return typeof url === "string" ? assert.fail(url) : refuseHost(url.hostname, rule) !== undefined
}

describe("an address", () => {
  it("is public or not, by the registries of special addresses", () => {
    const publicOnes = [
      "1.1.1.1",
      "8.8.8.8",
      "100.63.255.255",
      "100.128.0.0",
      "172.15.255.255",
      "172.32.0.0",
      "192.167.1.1",
      "223.255.255.255",
      "2606:4700::1111",
      "2a01:cb00::1",
      "::ffff:8.8.8.8",
      "64:ff9b::8.8.8.8",
      "2001:4860:4860::8888",
    ]
    const privateOnes = [
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "100.100.100.200",
      "127.0.0.1",
      "127.255.255.254",
      "168.63.129.16",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
      "192.0.0.192",
      "192.168.1.1",
      "198.18.0.1",
      "224.0.0.1",
      "239.255.255.250",
      "255.255.255.255",
      "::",
      "::1",
      "fe80::1",
      "fc00::1",
      "fd00:ec2::254",
      "ff02::1",
      "::ffff:127.0.0.1",
      "::ffff:a9fe:a9fe",
      "::127.0.0.1",
      "64:ff9b::127.0.0.1",
      "64:ff9b::a9fe:a9fe",
      "64:ff9b:1::8.8.8.8",
      "2002:7f00:1::",
      "2002:808:808::1",
      "2001:0:808:808::1",
      "2001:db8::1",
      "fe80::1%eth0",
      "localhost",
      "",
    ]
    assert.deepStrictEqual(
      publicOnes.filter((address) => !isPublicAddress(address)),
      [],
    )
    assert.deepStrictEqual(privateOnes.filter(isPublicAddress), [])
  })

  it("is recognised in its odd forms", () => {
    const odd = [
      "http://2130706433/",
      "http://0x7f000001/",
      "http://0177.0.0.1/",
      "http://127.1/",
      "http://0/",
      "http://[::ffff:7f00:1]/",
      "http://[0:0:0:0:0:ffff:127.0.0.1]/",
      "http://①②⑦.0.0.1/",
      "http://3232235777/",
      "http://0xa9.0xfe.0xa9.0xfe/",
      "http://127.0.0.1./",
    ]
    assert.deepStrictEqual(
      odd.filter((address) => !refused(address)),
      [],
    )
    assert.isFalse(refused("http://134744072/"))
  })
})

describe("a name", () => {
  it("is refused when only a private network can know it", () => {
    for (const host of [
      "localhost",
      "LOCALHOST",
      "localhost.",
      "metadata",
      "metadata.google.internal",
      "nas.local",
      "db.lan",
      "x.localhost",
    ]) {
      assert.isTrue(refused(`http://${host}/`), host)
    }
    for (const host of ["www.data.gouv.fr", "localhost.fr", "xn--bb-eka.at"])
      assert.isFalse(refused(`http://${host}/`), host)
  })

  it("is allowed by the list, whole or with a star, never in part", () => {
    const rule = hostRule(["LocalHost", "*.intranet.example", "127.0.0.1", "[::1]"])
    for (const host of ["localhost", "localhost.", "a.intranet.example", "127.0.0.1", "[::1]"])
      assert.isFalse(refused(`http://${host}/`, rule), host)
    for (const host of ["127.0.0.2", "10.0.0.1", "xlocalhost", "[::]"])
      assert.isTrue(refused(`http://${host}/`, rule), host)
    assert.isFalse(rule("aXintranet.example"))
    assert.isFalse(rule("localhost.evil.example"))
  })
})
