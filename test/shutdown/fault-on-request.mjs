/*
 * Loaded before the server with NODE_OPTIONS=--import: does, at a header of a request to /api/session, what a defect in
 * a handler would do.
 */
import express from 'express';

const { json } = express.response;
express.response.json = function (body) {
  switch (this.req.headers['x-fault']) {
    case 'throw':
      throw new Error('a defect, with a secret in its message: hunter2');
    case 'stray-rejection':
      void Promise.reject(new Error('a stray rejection: hunter2'));
      return json.call(this, body);
    case 'uncaught':
      setTimeout(() => {
        throw new TypeError('nobody caught this: hunter2');
      }, 0);
      return json.call(this, body);
    default:
      return json.call(this, body);
  }
};
