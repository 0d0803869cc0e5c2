'use strict'; // what starts.cjs starts
