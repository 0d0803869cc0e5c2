// The entry of a graph of more than 30,000 modules: all of the tree, and both
// builds of @mui/icons-material, whose more than 10,000 modules of some hundred
// bytes are too unlike other packages to be in the tree.
import '@mui/icons-material';
import './large.cjs';
import './tree.mjs';
