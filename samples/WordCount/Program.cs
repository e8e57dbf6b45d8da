// SPDX-License-Identifier: MIT

using System.Diagnostics;
using Gangway;
using Gangway.Samples.WordCount;

// WordCount FILE               starts a server process, counts FILE there, prints what was counted and how fast
// WordCount serve ADDR SOCKET  is that server process
if (args is ["serve", string address, string socketPath])
    return Server.Run(address, socketPath);
if (args is not [string file])
{
    Console.Error.WriteLine("usage: WordCount FILE");
    return 2;
}

string folder = Directory.CreateTempSubdirectory("gangway-demo-").FullName;
try
{
    string name = $"shm:{folder}/wordcount";
    var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", name, $"{folder}/plain"])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    };
    using Process server = Process.Start(start)!;
    if (server.StandardOutput.ReadLine() != "ready")
        throw new IOException("The server process did not start.");

    int result = Client.Run(name, $"{folder}/plain", file);
    server.StandardInput.Close();
    server.WaitForExit();
    return result;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"WordCount: {e.Message}");
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
