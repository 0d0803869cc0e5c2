// An entry that reaches every package of package.json: through both builds of
// @mui/icons-material alone it is a graph of more than 20,000 modules.
import '@aws-sdk/client-dynamodb';
import '@aws-sdk/client-s3';
import '@babel/core';
import '@babel/preset-env';
import '@emotion/react';
import '@emotion/styled';
import '@mui/icons-material';
import '@mui/material';
import '@opentelemetry/sdk-node';
import 'core-js';
import 'date-fns';
import 'effect';
import 'eslint';
import 'express';
import 'fastify';
import 'googleapis';
import 'lodash';
import 'lodash-es';
import 'prettier';
import 'react';
import 'react-dom';
import 'rxjs';
import 'three';
import 'webpack';
import 'zod';
import './entry.cjs';
