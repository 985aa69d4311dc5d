import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The way to a database, that a test can cut and mend. */
export interface DatabaseProxy {
  /** The database by way of the proxy. */
  url: string
  /** Cuts every connection and takes no new one: the database is gone. */
  cut(): Promise<void>
  /** Lets connections through again, at the same address. */
  mend(): Promise<void>
}

/** A proxy in front of the database of this address. */
export async function proxyTo(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let server: Server | undefined
  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const listen = async (port: number): Promise<number> => {
    const opened = createServer((incoming) => {
      const outgoing = track(connect(Number(target.port || 5432), target.hostname))
      track(incoming).pipe(outgoing).pipe(incoming)
      incoming.on('close', () => outgoing.destroy())
      outgoing.on('close', () => incoming.destroy())
    })
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject)
      opened.listen(port, '127.0.0.1', resolve)
    })
    server = opened
    return (opened.address() as AddressInfo).port
  }
  const port = await listen(0)
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${port}`
  return {
    url: url.toString(),
    cut: async () => {
      const closing = server
      server = undefined
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => {
        if (closing) closing.close(() => resolve())
        else resolve()
      })
    },
    mend: async () => {
      if (!server) await listen(port)
    },
  }
}
