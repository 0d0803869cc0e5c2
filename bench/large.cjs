'use strict';
require('@mui/icons-material');
require('@mui/material');
require('date-fns');
require('effect');
require('rxjs');
require('zod');
