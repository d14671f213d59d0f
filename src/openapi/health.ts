import { failures, json } from './answers.js';
import type { Paths } from './operation.js';
import { text } from './schema.js';

const tags = ['Operation'];

export const healthPaths: Paths = {
  '/healthz': {
    get: {
      operationId: 'healthz',
      tags,
      summary: 'The process is alive',
      security: [],
      responses: { 200: json('It is', 'Alive'), ...failures([]) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'readyz',
      tags,
      summary: 'Ready to take calls',
      description:
        'Configured, the store responds, not shutting down. The response lists providers, which never fail it.',
      security: [],
      responses: {
        200: json('Ready', 'Readiness'),
        ...failures([]),
        503: json('Not ready', 'Readiness', {
          'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
        }),
      },
    },
  },
  '/metrics': {
    servers: [
      {
        url: 'http://{host}:{port}',
        description: 'A port of its own, which is not for browsers',
        variables: {
          host: { default: '127.0.0.1', description: 'HOST' },
          port: { default: '9464', description: 'METRICS_PORT' },
        },
      },
    ],
    get: {
      operationId: 'metrics',
      tags,
      summary: 'Figures for Prometheus',
      security: [],
      responses: { 200: { description: 'The figures', content: { 'text/plain': { schema: text() } } } },
    },
  },
};
