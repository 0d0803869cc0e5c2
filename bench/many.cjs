// The entry of a program of some 2,400 modules, which Node.js loads and does
// no more with: the cost of a check on loading shows most there.
'use strict';
require('@babel/core');
require('@opentelemetry/sdk-node');
require('aws-sdk');
require('date-fns');
require('express');
require('fastify');
require('zod');
require('rxjs');
require('viem');
console.log(Object.keys(require.cache).length, 'modules');
