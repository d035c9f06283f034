/** A small FTP server on the loopback, written from RFC 959, 2428 and 3659: one folder of files, and what real servers do wrong. */
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { createServer, type Server, type Socket } from "node:net"
import { createServer as createTlsServer, type TlsOptions } from "node:tls"

/** What the server does with a file, and how it misbehaves. */
export interface FtpFile {
  readonly bytes: Buffer
  /** `YYYYMMDDHHMMSS`, UTC. */
  readonly modified?: string
}
export interface FtpBehaviour {
  /** Closes the data connection after so many bytes, on the first so many transfers. */
  readonly cut?: { readonly after: number; readonly times: number }
  readonly without?: ReadonlyArray<"SIZE" | "MDTM" | "REST" | "EPSV">
  /** The host that it names in its answer to `PASV`. */
  readonly passiveHost?: string
  readonly password?: string
  readonly implicitTls?: boolean
}

const tls = (): TlsOptions => ({
  key: readFileSync(new URL("./tls/localhost.key.pem", import.meta.url)),
  cert: readFileSync(new URL("./tls/localhost.cert.pem", import.meta.url)),
})

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

/** Runs the server for the scope; `commands` is what it was told, `sent` the bytes of files that it sent. */
export const serveFtp = (files: Record<string, FtpFile>, behaviour: FtpBehaviour = {}) =>
  Effect.acquireRelease(
    Effect.callback<{
      readonly port: number
      readonly commands: Array<string>
      readonly sent: () => number
      readonly close: () => void
    }>((resume) => {
      const commands: Array<string> = []
      const open = new Set<Socket>()
      let sent = 0
      let cuts = behaviour.cut?.times ?? 0

      const session = (control: Socket): void => {
        open.add(control)
        const say = (line: string): void => void control.write(`${line}\r\n`)
        let from = 0
        let data: Promise<Socket> | undefined
        const listen = (answer: (port: number) => string): void => {
          const connected = (resolve: (socket: Socket) => void) => (socket: Socket) => {
            open.add(socket)
            socket.on("error", () => undefined)
            resolve(socket)
          }
          data = new Promise((resolve) => {
            const server =
              behaviour.implicitTls === true
                ? createTlsServer(tls(), connected(resolve))
                : createServer(connected(resolve))
            server.listen(0, "127.0.0.1", () => say(answer(portOf(server))))
            void data?.then(() => server.close())
          })
        }
        const send = async (file: FtpFile): Promise<void> => {
          say("150 here it comes")
          const socket = await data
          const isCut = behaviour.cut !== undefined && cuts > 0
          const bytes = file.bytes.subarray(from, isCut ? from + (behaviour.cut?.after ?? 0) : undefined)
          from = 0
          sent += bytes.length
          if (isCut) cuts -= 1
          socket?.write(bytes, () => {
            if (!isCut) {
              socket.end()
              say("226 done")
              return
            }
            socket.destroy()
            control.destroy()
          })
        }
        const answer = (line: string): void => {
          commands.push(line)
          const [verb = "", ...rest] = line.split(" ")
          const argument = rest.join(" ")
          const file = files[argument]
          if ((behaviour.without ?? []).some((one) => one === verb)) return say("502 not here")
          switch (verb) {
            case "USER":
              return say("331 password")
            case "PASS":
              return say(behaviour.password === undefined || argument === behaviour.password ? "230 in" : "530 no")
            case "SIZE":
              return say(file === undefined ? "550 none" : `213 ${file.bytes.length}`)
            case "MDTM":
              return say(file?.modified === undefined ? "550 none" : `213 ${file.modified}`)
            case "REST":
              from = Number(argument)
              return say("350 from there")
            case "EPSV":
              return listen((port) => `229 passive (|||${port}|)`)
            case "PASV":
              return listen((port) => {
                const host = (behaviour.passiveHost ?? "127.0.0.1").replaceAll(".", ",")
                return `227 passive (${host},${port >> 8},${port & 255})`
              })
            case "RETR":
              if (file === undefined) return say("550 none")
              return void send(file)
            case "FEAT":
              return say("211 nothing")
            default:
              return say("200 very well")
          }
        }
        let buffer = ""
        control.on("error", () => undefined)
        control.on("data", (chunk) => {
          const lines = (buffer + chunk.toString()).split("\r\n")
          buffer = lines.pop() ?? ""
          for (const line of lines) answer(line)
        })
        say("220 hello")
      }
      const server = behaviour.implicitTls === true ? createTlsServer(tls(), session) : createServer(session)
      server.listen(0, "127.0.0.1", () => {
        const close = (): void => {
          server.close()
          for (const socket of open) socket.destroy()
        }
        resume(Effect.succeed({ port: portOf(server), commands, sent: () => sent, close }))
      })
    }),
    ({ close }) => Effect.sync(close),
  )
