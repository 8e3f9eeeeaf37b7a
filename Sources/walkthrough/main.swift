// walkthrough: the command line. It knows every floor, and no floor knows it.

import Glibc

exit(walkthrough(arguments: Array(CommandLine.arguments.dropFirst())))
