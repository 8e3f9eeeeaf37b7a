// walkthrough: the command line. It knows every floor, and no floor knows it.

import CLibrary

exit(walkthrough(arguments: Array(CommandLine.arguments.dropFirst())))
