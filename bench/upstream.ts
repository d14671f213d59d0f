import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, type Running } from './process.js';

export interface BenchUpstream extends Running {
  url: string;
}

/** The API behind every contestant: nginx with files of 1 KB, 100 KB and 10 MB, and an address that swallows bodies. */
export async function startUpstream(directory: string, port: number): Promise<BenchUpstream> {
  const files = join(directory, 'files');
  mkdirSync(files, { recursive: true, mode: 0o755 });
  for (const [name, bytes] of [
    ['1k', 1024],
    ['100k', 102_400],
    ['10m', 10_485_760],
  ] as const)
    writeFileSync(join(files, name), Buffer.alloc(bytes, 'x'));
  const configuration = join(directory, 'nginx.conf');
  writeFileSync(configuration, nginxConfiguration(directory, files, port));
  const args = ['-c', configuration, '-e', join(directory, 'nginx-error.log')];
  const running = await launch({ command: 'nginx', args, env: {}, port, logFile: join(directory, 'nginx.log') });
  return { ...running, url: `http://127.0.0.1:${port}` };
}

/** A body is read whole before the answer: nginx passes the request on to itself only when it has all of it. */
function nginxConfiguration(directory: string, files: string, port: number): string {
  return `
user root;
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 2m;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
  keepalive_timeout 300s;
  large_client_header_buffers 4 64k;
  default_type application/octet-stream;
  sendfile on;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port};
    root ${files};
    location /swallow {
      proxy_pass http://127.0.0.1:${port}/done;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location = /done { return 200 "ok"; }
  }
}
`;
}
